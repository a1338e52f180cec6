import { makeStyles, tokens } from '@fluentui/react-components'
import { bar } from '@/components/ui/theme'

/** Looks of controls on the top bar, which is dark in every theme. */
export const useBarStyles = makeStyles({
  button: {
    minWidth: '32px',
    height: '32px',
    paddingLeft: tokens.spacingHorizontalS,
    paddingRight: tokens.spacingHorizontalS,
    color: bar.foreground,
    backgroundColor: 'transparent',
    borderTopColor: 'transparent',
    borderRightColor: 'transparent',
    borderBottomColor: 'transparent',
    borderLeftColor: 'transparent',
    fontWeight: tokens.fontWeightRegular,
    ':hover': { backgroundColor: bar.hover, color: bar.foreground },
    ':hover:active': { backgroundColor: bar.field, color: bar.foreground },
    ':hover .fui-Button__icon': { color: bar.foreground },
    ':focus-visible': { outline: `2px solid ${bar.foreground}`, outlineOffset: '-2px' },
  },
})
