import { createTransport } from 'nodemailer'
import type { AttemptOutcome, CommonAlert } from './model'

export type MailSettings = { url: string; from: string }
export type MailMessage = { deliveryId: string; to: string; payload: CommonAlert; occasion: string }

/** The words of an alert's e-mail. */
export function mailText({ payload, occasion }: MailMessage): { subject: string; text: string } {
  const { essentials, alertContext } = payload.data
  const subject = `${occasion}: ${essentials.severity} ${essentials.alertRule} on ${(essentials.configurationItems as string[])[0]}`
  const lines = [
    subject,
    '',
    String(essentials.description),
    '',
    ...Object.entries(essentials).map(([name, value]) => `${name}: ${[value].flat().join(', ')}`),
    '',
    'Context:',
    JSON.stringify(alertContext, null, 2),
    '',
    'Sent by Portcullis, a simulation: nothing here is Azure.',
  ]
  return { subject: subject.replace(/[\r\n]+/g, ' '), text: lines.join('\n') }
}

/** Hands a message to the mail server. Codes of 500 and above are final, as SMTP has it. */
export async function sendMail(
  settings: MailSettings,
  message: MailMessage,
  timeoutMs: number,
): Promise<AttemptOutcome> {
  const timeouts = { connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs }
  const transport = createTransport({ url: settings.url, ...timeouts })
  try {
    const { subject, text } = mailText(message)
    const headers = { 'x-portcullis-delivery': message.deliveryId }
    const sent = await transport.sendMail({ from: settings.from, to: message.to, subject, text, headers })
    return { succeeded: true, retry: false, answer: 250, message: sent.response.slice(0, 200) }
  } catch (error) {
    const { responseCode, message: text } = error as Error & { responseCode?: number }
    const answer = responseCode ?? null
    return { succeeded: false, retry: answer === null || answer < 500, answer, message: text.slice(0, 300) }
  } finally {
    transport.close()
  }
}
