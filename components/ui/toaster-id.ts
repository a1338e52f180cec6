export const TOASTER_ID = 'portal'
