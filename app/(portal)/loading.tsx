import { PageSkeleton } from '@/components/ui/states'

export default function Loading() {
  return <PageSkeleton lines={10} label="Loading the page" />
}
