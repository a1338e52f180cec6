/** Our own mark: a gate's arch with its grating half lowered. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" fill="none" aria-hidden="true" strokeLinecap="round">
      <path d="M4 29V13C4 6.9 9.4 2.5 16 2.5S28 6.9 28 13v16" stroke="#4fb3c4" strokeWidth="3" />
      <g stroke="#f3c677" strokeWidth="2.2" strokeLinejoin="round">
        <path d="M8.6 14h14.8M8.6 20h14.8" />
        <path d="M10.4 10v14.5l-1.2 2M16 8.4V28M21.6 10v14.5l1.2 2" />
      </g>
    </svg>
  )
}
