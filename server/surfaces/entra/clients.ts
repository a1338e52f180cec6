/** Applications of Microsoft's that people sign in by, which every tenant of Entra has: they have no secret. */
export const PUBLIC_CLIENTS: Record<string, string> = {
  '04b07795-8ddb-461a-bbee-02f9e1bf7b46': 'Azure CLI and Azure SDKs',
  '1950a258-227b-4e31-a9cf-717495945fc2': 'Azure PowerShell',
  'aebc6443-996d-45c2-90f0-388ff96faa56': 'Visual Studio Code',
  '872cd9fa-d31f-45e0-9eab-6e460a02d1f1': 'Visual Studio',
}
