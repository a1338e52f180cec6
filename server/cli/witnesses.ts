/** A claim of the parity table that names the test which proves it. */
export type Claim = { rule: string; file: string; name: string }

type VitestReport = { testResults: { name: string; assertionResults: { title: string; status: string }[] }[] }

const PROOF = /^`(tests\/(?:unit|integration|conformance)\/[^`]+\.test\.ts)`: (.+)$/

/**
 * The green rows of the tables in a README; several proofs of one row are parted by `<br>`.
 * @throws Error for a green row whose proof cannot be read.
 */
export function readClaims(readme: string): Claim[] {
  const rows = readme
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
  return rows.flatMap(([, rule = '', state = '', proofs = '']) => {
    if (!state.startsWith('green')) return []
    return proofs.split('<br>').map((proof) => {
      const [, file, name] = PROOF.exec(proof.trim()) ?? []
      if (!file || !name) throw new Error(`The green row "${rule}" names no test: "${proof}".`)
      return { rule, file, name }
    })
  })
}

/** A test's name as it is written, whose places for values (`%s`, `$name`) fit whatever was put there. */
function nameFits(written: string, ran: string): boolean {
  const parts = written.split(/%[sdifjoO]|%#|\$[a-zA-Z.]+/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('[\\s\\S]+')}$`).test(ran)
}

/** What is wrong with the claims: tests that did not run in the runs reported, or that did not pass in all their cases. */
export function findUnproven(claims: Claim[], reports: VitestReport[]): string[] {
  const files = reports.flatMap((report) => report.testResults)
  return claims.flatMap(({ rule, file, name }) => {
    const tests = files.filter((f) => f.name.endsWith(`/${file}`)).flatMap((f) => f.assertionResults)
    const named = tests.filter((test) => nameFits(name, test.title))
    const says = `"${rule}": the test "${name}" of ${file}`
    if (named.length === 0) return [`${says} did not run.`]
    return named.every((test) => test.status === 'passed') ? [] : [`${says} did not pass.`]
  })
}
