-- CreateTable
CREATE TABLE "RewrapBatch" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "keyUri" TEXT NOT NULL,
    "toKid" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "succeeded" INTEGER NOT NULL,
    "failed" INTEGER NOT NULL,
    "failures" JSONB NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "endedAt" TIMESTAMPTZ(3),
    "correlationId" UUID NOT NULL,

    CONSTRAINT "RewrapBatch_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "RewrapBatch_tenantId_startedAt_idx" ON "RewrapBatch"("tenantId", "startedAt");

-- CreateIndex
CREATE UNIQUE INDEX "RewrapBatch_tenantId_toKid_key" ON "RewrapBatch"("tenantId", "toKid");
