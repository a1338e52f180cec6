export type NetworkAcls = {
  defaultAction: 'Allow' | 'Deny'
  bypass: 'AzureServices' | 'None'
  ipRules: string[]
}
