import { buildPkcs11 } from './pkcs11'

if (!buildPkcs11()) {
  console.error('The PKCS #11 addon needs a C++ compiler, make and Python.')
  process.exit(1)
}
console.log('The PKCS #11 addon is built.')
