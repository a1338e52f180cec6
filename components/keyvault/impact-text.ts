/** How many servers a change hits, as the beginning of a sentence that goes on with when. */
export const impactTitle = (count: number): string =>
  count === 1 ? '1 server becomes Inaccessible' : `${count} servers become Inaccessible`

export const backupsTitle = (count: number): string =>
  count === 1 ? '1 backup could not be restored without it.' : `${count} backups could not be restored without it.`
