import fc from 'fast-check'

/**
 * Properties try the same cases in every run, so that a check of a change tells of that change and not of luck.
 * To hunt for more: PORTCULLIS_SEED=random (or a number, as a failure prints it).
 */
const wanted = process.env.PORTCULLIS_SEED ?? '20261125'
if (wanted !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(wanted) })
