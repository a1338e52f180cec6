import { expect, test } from 'vitest'
import { parseThemeCookie, THEMES } from '@/components/ui/theme'

test('the server paints the theme that was chosen, and for "same as device" what the device last was', () => {
  expect(parseThemeCookie('dark.dark')).toEqual({ choice: 'dark', resolved: 'dark' })
  expect(parseThemeCookie('light.dark')).toEqual({ choice: 'light', resolved: 'light' })
  expect(parseThemeCookie('system.dark')).toEqual({ choice: 'system', resolved: 'dark' })
  expect(parseThemeCookie(undefined)).toEqual({ choice: 'system', resolved: 'light' })
  expect(parseThemeCookie('<script>.dark')).toEqual({ choice: 'system', resolved: 'dark' })
})

test('text is set in the same fonts in every theme', () => {
  expect(THEMES.dark.fontFamilyBase).toBe(THEMES.light.fontFamilyBase)
  expect(THEMES.dark.fontFamilyMonospace).toBe(THEMES.light.fontFamilyMonospace)
})

/** WCAG relative luminance of `#rrggbb`. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = Number.parseInt(hex.slice(i, i + 2), 16) / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

const contrast = (a: string, b: string): number => {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

test.each(['light', 'dark'] as const)(
  'text of the %s theme has at least the contrast that WCAG AA asks for',
  (name) => {
    const t = THEMES[name]
    const grounds = [t.colorNeutralBackground1, t.colorNeutralBackground2, t.colorNeutralBackground3]
    const texts = [t.colorNeutralForeground1, t.colorNeutralForeground3, t.colorBrandForegroundLink]
    for (const ground of grounds) for (const text of texts) expect(contrast(text, ground)).toBeGreaterThanOrEqual(4.5)
    for (const text of [t.barForeground, t.barForegroundMuted, t.barAccent])
      for (const ground of [t.barBackground, t.barHover, t.barField])
        expect(contrast(text, ground)).toBeGreaterThanOrEqual(4.5)
    expect(contrast(t.colorNeutralForegroundOnBrand, t.colorBrandBackground)).toBeGreaterThanOrEqual(4.5)
  },
)
