-- AlterTable
ALTER TABLE "Key" ADD COLUMN     "noticedExpiry" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "KeyVersion" DROP CONSTRAINT "KeyVersion_pkey",
ADD CONSTRAINT "KeyVersion_pkey" PRIMARY KEY ("keyId", "version");

-- AlterTable
ALTER TABLE "Vault" ADD COLUMN     "softDelete" BOOLEAN NOT NULL DEFAULT true;

-- CreateTable
CREATE TABLE "ResourceLock" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "scope" TEXT NOT NULL,
    "scopeKey" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "nameKey" TEXT NOT NULL,
    "level" TEXT NOT NULL,
    "notes" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "createdBy" TEXT NOT NULL,

    CONSTRAINT "ResourceLock_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "DeviceSignIn" (
    "id" TEXT NOT NULL,
    "userCode" TEXT NOT NULL,
    "tenantId" UUID NOT NULL,
    "clientId" TEXT NOT NULL,
    "principalId" UUID,
    "declined" BOOLEAN NOT NULL DEFAULT false,
    "expiresMs" BIGINT NOT NULL,

    CONSTRAINT "DeviceSignIn_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "PrivateEndpointConnection" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "storeId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "privateEndpointId" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "PrivateEndpointConnection_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ThrottleWindow" (
    "scope" TEXT NOT NULL,
    "bucket" TEXT NOT NULL,
    "startMs" BIGINT NOT NULL,
    "used" INTEGER NOT NULL,
    "throttled" INTEGER NOT NULL,

    CONSTRAINT "ThrottleWindow_pkey" PRIMARY KEY ("scope","bucket","startMs")
);

-- CreateIndex
CREATE UNIQUE INDEX "ResourceLock_tenantId_scopeKey_nameKey_key" ON "ResourceLock"("tenantId", "scopeKey", "nameKey");

-- CreateIndex
CREATE UNIQUE INDEX "DeviceSignIn_userCode_key" ON "DeviceSignIn"("userCode");

-- CreateIndex
CREATE INDEX "PrivateEndpointConnection_tenantId_idx" ON "PrivateEndpointConnection"("tenantId");

-- CreateIndex
CREATE UNIQUE INDEX "PrivateEndpointConnection_storeId_name_key" ON "PrivateEndpointConnection"("storeId", "name");
