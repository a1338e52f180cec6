import { type BrandVariants, createDarkTheme, createLightTheme, type Theme } from '@fluentui/react-components'

/** What a person chose; `system` follows the device. */
export const THEME_CHOICES = ['light', 'dark', 'system'] as const
export type ThemeChoice = (typeof THEME_CHOICES)[number]
export type ThemeName = 'light' | 'dark'

/** Cookie `choice.resolved`: the server cannot know what `system` means, so the browser tells it what it last meant. */
export const THEME_COOKIE = 'portcullis_theme'

export function parseThemeCookie(value: string | undefined): { choice: ThemeChoice; resolved: ThemeName } {
  const [choice, resolved] = (value ?? '').split('.')
  const known = THEME_CHOICES.find((c) => c === choice) ?? 'system'
  if (known !== 'system') return { choice: known, resolved: known }
  return { choice: 'system', resolved: resolved === 'dark' ? 'dark' : 'light' }
}

const petrol: BrandVariants = {
  10: '#020809',
  20: '#0a1e22',
  30: '#0a343c',
  40: '#08444e',
  50: '#08525d',
  60: '#0a606d',
  70: '#0d6d7b',
  80: '#15788a',
  90: '#2b8b9c',
  100: '#45a1b1',
  110: '#62b5c3',
  120: '#84c8d3',
  130: '#a6dae2',
  140: '#c6e9ee',
  150: '#e0f4f7',
  160: '#f1fafb',
}

// One stack for every theme: text must not reflow when the theme changes.
const fontFamilyBase = "'Segoe UI', system-ui, -apple-system, Roboto, 'Helvetica Neue', sans-serif"
const fontFamilyMonospace = "'Cascadia Mono', Consolas, 'SF Mono', Menlo, 'DejaVu Sans Mono', monospace"
const fonts = { fontFamilyBase, fontFamilyMonospace }

/** Fluent's tokens and a few of ours; all become CSS variables of the same names. */
type PortalTheme = Theme & {
  barBackground: string
  barForeground: string
  barForegroundMuted: string
  barHover: string
  barField: string
  barAccent: string
}

const light: PortalTheme = {
  ...createLightTheme(petrol),
  ...fonts,
  barBackground: petrol[30],
  barForeground: '#ffffff',
  barForegroundMuted: '#b9d3d8',
  barHover: '#17505b',
  barField: '#12434d',
  barAccent: '#f3c677',
  colorNeutralBackground2: '#f7f9fa',
  colorNeutralBackground3: '#f1f4f5',
  colorNeutralBackground4: '#eaeef0',
}

// Fluent's dark neutrals are a warm grey; a little blue keeps the petrol from looking dirty on them.
const dark: PortalTheme = {
  ...createDarkTheme(petrol),
  ...fonts,
  barBackground: '#0b1a1e',
  barForeground: '#ffffff',
  barForegroundMuted: '#a9c3c8',
  barHover: '#17323a',
  barField: '#142b32',
  barAccent: '#f3c677',
  colorBrandForeground1: petrol[110],
  colorBrandForeground2: petrol[120],
  colorBrandForegroundLink: petrol[110],
  colorBrandForegroundLinkHover: petrol[120],
  colorBrandForegroundLinkPressed: petrol[100],
  colorNeutralBackground1: '#1d2226',
  colorNeutralBackground1Hover: '#293036',
  colorNeutralBackground1Pressed: '#171b1f',
  colorNeutralBackground1Selected: '#2b3238',
  colorNeutralBackground2: '#171b1f',
  colorNeutralBackground2Hover: '#22282d',
  colorNeutralBackground3: '#12161a',
  colorNeutralBackground3Hover: '#1f2529',
  colorNeutralBackground4: '#0e1215',
  colorNeutralStroke1: '#56606a',
  colorNeutralStroke2: '#3a434b',
  colorNeutralStroke3: '#2b3238',
  colorSubtleBackgroundHover: '#293036',
  colorSubtleBackgroundPressed: '#20262b',
  colorSubtleBackgroundSelected: '#293036',
}

export const THEMES: Record<ThemeName, PortalTheme> = { light, dark }

/** A token of ours as a CSS value. */
export const bar = {
  background: 'var(--barBackground)',
  foreground: 'var(--barForeground)',
  muted: 'var(--barForegroundMuted)',
  hover: 'var(--barHover)',
  field: 'var(--barField)',
  accent: 'var(--barAccent)',
}
