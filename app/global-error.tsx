'use client'

/** The last resort, when even the frame cannot be drawn: no component of the portal is used here. */
export default function GlobalError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <html lang="en">
      <body style={{ fontFamily: 'system-ui, sans-serif', margin: '10vh auto', maxWidth: '50ch', padding: '0 16px' }}>
        <title>Portcullis is broken</title>
        <main>
          <h1>The portal broke</h1>
          <p>{error.digest ? `Its log has the reason under digest ${error.digest}.` : 'Its log has the reason.'}</p>
          <button type="button" onClick={reset}>
            Try again
          </button>
        </main>
      </body>
    </html>
  )
}
