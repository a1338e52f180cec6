-- CreateTable
CREATE TABLE "Backup" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "serverId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "completedAt" TIMESTAMPTZ(3),
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "bytes" BIGINT NOT NULL DEFAULT 0,
    "kid" TEXT NOT NULL,
    "error" JSONB,

    CONSTRAINT "Backup_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Backup_tenantId_kid_idx" ON "Backup"("tenantId", "kid");

-- CreateIndex
CREATE UNIQUE INDEX "Backup_serverId_name_key" ON "Backup"("serverId", "name");
