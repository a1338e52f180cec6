-- CreateTable
CREATE TABLE "HsmJob" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "hsmId" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "containerUri" TEXT NOT NULL,
    "folder" TEXT NOT NULL,
    "blob" BYTEA,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "HsmJob_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "HsmJob_tenantId_containerUri_folder_idx" ON "HsmJob"("tenantId", "containerUri", "folder");

-- CreateIndex
CREATE INDEX "HsmJob_hsmId_idx" ON "HsmJob"("hsmId");
