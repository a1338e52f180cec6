import { NotFound } from '@/components/portal/not-found'

export default function PortalNotFound() {
  return <NotFound />
}
