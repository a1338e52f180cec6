'use client'
import { Button, Menu, MenuItemRadio, MenuList, MenuPopover, MenuTrigger, Tooltip } from '@fluentui/react-components'
import { DarkThemeRegular } from '@fluentui/react-icons/svg/dark-theme'
import { DesktopRegular } from '@fluentui/react-icons/svg/desktop'
import { WeatherMoonRegular } from '@fluentui/react-icons/svg/weather-moon'
import { WeatherSunnyRegular } from '@fluentui/react-icons/svg/weather-sunny'
import type { ThemeChoice } from '@/components/ui/theme'
import { useTheme } from '@/components/ui/theme-context'
import { useBarStyles } from './bar-styles'

const LOOKS = {
  light: { label: 'Light', icon: <WeatherSunnyRegular /> },
  dark: { label: 'Dark', icon: <WeatherMoonRegular /> },
  system: { label: 'Same as device', icon: <DesktopRegular /> },
} satisfies Record<ThemeChoice, unknown>

export function ThemeSwitch() {
  const { choice, choose } = useTheme()
  const styles = useBarStyles()
  return (
    <Menu
      checkedValues={{ theme: [choice] }}
      onCheckedValueChange={(_, data) => choose(data.checkedItems[0] as ThemeChoice)}
    >
      <MenuTrigger disableButtonEnhancement>
        <Tooltip content="Theme" relationship="label">
          <Button className={styles.button} appearance="transparent" icon={<DarkThemeRegular />} />
        </Tooltip>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {Object.entries(LOOKS).map(([value, look]) => (
            <MenuItemRadio key={value} name="theme" value={value} icon={look.icon}>
              {look.label}
            </MenuItemRadio>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  )
}
