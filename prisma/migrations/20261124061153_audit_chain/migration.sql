-- AlterTable
ALTER TABLE "AuditEvent" ADD COLUMN     "chainIndex" BIGINT,
ADD COLUMN     "hash" BYTEA,
ADD COLUMN     "previousHash" BYTEA;

-- CreateTable
CREATE TABLE "AuditChain" (
    "storeId" TEXT NOT NULL,
    "length" BIGINT NOT NULL,
    "previousHash" BYTEA NOT NULL,
    "hash" BYTEA NOT NULL,

    CONSTRAINT "AuditChain_pkey" PRIMARY KEY ("storeId")
);

-- CreateTable
CREATE TABLE "AuditSink" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "storeId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "endpoint" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "sentIndex" BIGINT NOT NULL DEFAULT 0,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "lastError" TEXT,
    "retryAtMs" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "AuditSink_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "AuditSink_tenantId_idx" ON "AuditSink"("tenantId");

-- CreateIndex
CREATE UNIQUE INDEX "AuditSink_storeId_name_key" ON "AuditSink"("storeId", "name");

-- CreateIndex
CREATE UNIQUE INDEX "AuditEvent_storeId_chainIndex_key" ON "AuditEvent"("storeId", "chainIndex");
