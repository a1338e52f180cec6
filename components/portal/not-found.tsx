'use client'
import { SearchRegular } from '@fluentui/react-icons/svg/search'
import { Blade } from '@/components/ui/blade'
import { ButtonLink } from '@/components/ui/button-link'
import { EmptyState } from '@/components/ui/states'
import { paths } from './paths'

/** Shown for addresses that lead nowhere and for resources that are gone, or that the person may not read. */
export function NotFound() {
  return (
    <Blade title="Not found" breadcrumb={[{ label: 'Home', href: paths.home() }]}>
      <EmptyState
        icon={<SearchRegular />}
        title="There is nothing at this address"
        text="It may have been deleted, or the person you act as may not read it. Another person may see more."
        action={<ButtonLink href={paths.resources()}>All resources</ButtonLink>}
      />
    </Blade>
  )
}
