'use client'
import {
  Button,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Toast,
  ToastTitle,
  useToastController,
} from '@fluentui/react-components'
import { ArrowDownloadRegular } from '@fluentui/react-icons/svg/arrow-download'
import { download } from '@/components/ui/download'
import { TOASTER_ID } from '@/components/ui/toaster-id'
import { type Sheet, toCsv, toObjects } from './export-text'

/** What a view shows, as a file. `png` is left out where a view is no picture. */
export function ExportMenu(props: { name: string; sheet: () => Sheet; png?: () => Promise<Blob> }) {
  const { name, sheet, png } = props
  const toasts = useToastController(TOASTER_ID)
  const csv = () => download(`${name}.csv`, new Blob([toCsv(sheet())], { type: 'text/csv;charset=utf-8' }))
  const json = () =>
    download(`${name}.json`, new Blob([JSON.stringify(toObjects(sheet()), null, 2)], { type: 'application/json' }))
  const picture = () =>
    png?.().then(
      (blob) => download(`${name}.png`, blob),
      () =>
        toasts.dispatchToast(
          <Toast>
            <ToastTitle>The picture could not be made</ToastTitle>
          </Toast>,
          { intent: 'error' },
        ),
    )
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <Button size="small" icon={<ArrowDownloadRegular />}>
          Export
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          <MenuItem onClick={csv}>CSV</MenuItem>
          <MenuItem onClick={json}>JSON</MenuItem>
          {png && <MenuItem onClick={() => void picture()}>PNG</MenuItem>}
        </MenuList>
      </MenuPopover>
    </Menu>
  )
}
