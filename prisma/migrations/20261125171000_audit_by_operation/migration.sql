-- CreateIndex
CREATE INDEX "AuditEvent_tenantId_operationName_seq_idx" ON "AuditEvent"("tenantId", "operationName", "seq");
