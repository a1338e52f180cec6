-- AlterTable
ALTER TABLE "ManagedHsm" ADD COLUMN     "domainId" TEXT,
ADD COLUMN     "exchangeCertificate" TEXT,
ADD COLUMN     "sealedExchangeKey" BYTEA,
ADD COLUMN     "sealedPoolKey" BYTEA;
