/** Moving the clock concerns the whole tenant, so it is asked at the root. */
export const CLOCK_ADVANCE = 'Portcullis.Simulation/clock/advance/action'
export const CLOCK_SCOPE = '/'
