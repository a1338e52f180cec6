'use client'
import { useSearchParams } from 'next/navigation'
import { useEffect, useState } from 'react'

/** The height of the window while the page hangs on a wall (`wall=1` in the address); null otherwise. */
export function useWall(): number | null {
  const on = useSearchParams().get('wall') === '1'
  const [height, setHeight] = useState(900)
  useEffect(() => {
    if (!on) return
    const read = () => setHeight(window.innerHeight)
    read()
    window.addEventListener('resize', read)
    return () => window.removeEventListener('resize', read)
  }, [on])
  return on ? height : null
}
