/** The door of this room. */

export { attributeProblem, SUPPORTED_KEY_SIZES } from './rules'
export { checkKeyAccessNow, deleteServer, updateEncryption } from './service/change-server'
export { getConnection } from './service/connection'
export { checkServerName, createServer, retryCreation } from './service/create-server'
export { updateFirewall } from './service/firewall'
export { getServer, listServers, preflight, serversUsingKey } from './service/read-servers'
export { listSealedTables, readSealedPage, searchSealed } from './service/sealed'
