'use client'
import { AlertUrgentRegular } from '@fluentui/react-icons/svg/alert-urgent'
import type { ReactNode } from 'react'
import { paths } from '@/components/portal/paths'
import { Blade } from '@/components/ui/blade'
import { SectionNav } from '@/components/ui/section-nav'

/** What the pages about alerts share. */
export function AlertsFrame(props: { title: string; subtitle: string; commands?: ReactNode; children: ReactNode }) {
  const top = { label: 'Home', href: paths.home() }
  return (
    <Blade
      title={props.title}
      subtitle={props.subtitle}
      icon={<AlertUrgentRegular />}
      breadcrumb={props.title === 'Alerts' ? [top] : [top, { label: 'Alerts', href: paths.alerts() }]}
      commands={props.commands}
    >
      <SectionNav
        label="Pages of alerts"
        sections={[
          { label: 'Alerts', href: paths.alerts() },
          { label: 'Alert rules', href: paths.alertRules() },
          { label: 'Action groups', href: paths.actionGroups() },
          { label: 'Suppression rules', href: paths.suppressionRules() },
        ]}
      />
      {props.children}
    </Blade>
  )
}
