-- AlterTable
ALTER TABLE "Server" ADD COLUMN     "standbyCheckedAt" TIMESTAMPTZ(3),
ADD COLUMN     "standbyKeyAccess" JSONB,
ADD COLUMN     "standbySince" TIMESTAMPTZ(3),
ADD COLUMN     "standbyState" TEXT NOT NULL DEFAULT 'CreatingStandby';

-- CreateTable
CREATE TABLE "StandbyStateChange" (
    "seq" BIGSERIAL NOT NULL,
    "serverId" TEXT NOT NULL,
    "tenantId" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "from" TEXT NOT NULL,
    "to" TEXT NOT NULL,
    "cause" JSONB,
    "correlationId" UUID NOT NULL,

    CONSTRAINT "StandbyStateChange_pkey" PRIMARY KEY ("seq")
);

-- CreateIndex
CREATE INDEX "StandbyStateChange_serverId_at_idx" ON "StandbyStateChange"("serverId", "at");
