-- CreateTable
CREATE TABLE "ActivityOutbox" (
    "seq" BIGINT NOT NULL,
    "tenantId" UUID NOT NULL,

    CONSTRAINT "ActivityOutbox_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "MetricSample" (
    "tenantId" UUID NOT NULL,
    "resourceKey" TEXT NOT NULL,
    "metric" TEXT NOT NULL,
    "dimensions" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "spanSeconds" INTEGER NOT NULL,
    "count" INTEGER NOT NULL,
    "total" DOUBLE PRECISION NOT NULL,
    "minimum" DOUBLE PRECISION NOT NULL,
    "maximum" DOUBLE PRECISION NOT NULL,

    CONSTRAINT "MetricSample_pkey" PRIMARY KEY ("resourceKey","metric","dimensions","at")
);

-- CreateTable
CREATE TABLE "AlertRule" (
    "id" TEXT NOT NULL,
    "idKey" TEXT NOT NULL,
    "tenantId" UUID NOT NULL,
    "subscriptionId" UUID NOT NULL,
    "resourceGroup" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL,
    "severity" INTEGER NOT NULL,
    "scopes" TEXT[],
    "condition" JSONB NOT NULL,
    "actionGroupIds" TEXT[],
    "autoMitigate" BOOLEAN NOT NULL,
    "windowMinutes" INTEGER NOT NULL,
    "frequencyMinutes" INTEGER NOT NULL,
    "tags" JSONB NOT NULL DEFAULT '{}',
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "createdBy" TEXT NOT NULL,
    "evaluatedAt" TIMESTAMPTZ(3),

    CONSTRAINT "AlertRule_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ActionGroup" (
    "id" TEXT NOT NULL,
    "idKey" TEXT NOT NULL,
    "tenantId" UUID NOT NULL,
    "subscriptionId" UUID NOT NULL,
    "resourceGroup" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "shortName" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL,
    "receivers" JSONB NOT NULL,
    "sealedSecrets" BYTEA,
    "tags" JSONB NOT NULL DEFAULT '{}',
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ActionGroup_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AlertProcessingRule" (
    "id" TEXT NOT NULL,
    "idKey" TEXT NOT NULL,
    "tenantId" UUID NOT NULL,
    "subscriptionId" UUID NOT NULL,
    "resourceGroup" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL,
    "scopes" TEXT[],
    "severities" INTEGER[],
    "ruleIds" TEXT[],
    "startsAt" TIMESTAMPTZ(3),
    "endsAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "AlertProcessingRule_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Alert" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "ruleId" TEXT NOT NULL,
    "ruleName" TEXT NOT NULL,
    "severity" INTEGER NOT NULL,
    "signalType" TEXT NOT NULL,
    "monitoringService" TEXT NOT NULL,
    "targetId" TEXT NOT NULL,
    "targetType" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "condition" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "stateChangedBy" TEXT,
    "firedAt" TIMESTAMPTZ(3) NOT NULL,
    "lastFiredAt" TIMESTAMPTZ(3) NOT NULL,
    "resolvedAt" TIMESTAMPTZ(3),
    "occurrences" INTEGER NOT NULL DEFAULT 1,
    "suppressedBy" TEXT,
    "dedupTag" TEXT,
    "context" JSONB NOT NULL,

    CONSTRAINT "Alert_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AlertEvent" (
    "seq" BIGSERIAL NOT NULL,
    "alertId" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "what" TEXT NOT NULL,
    "by" TEXT NOT NULL,

    CONSTRAINT "AlertEvent_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "AlertDelivery" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "alertId" UUID,
    "actionGroupId" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "receiver" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "occasion" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "status" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "nextAttemptMs" BIGINT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "endedAt" TIMESTAMPTZ(3),
    "lastError" TEXT,

    CONSTRAINT "AlertDelivery_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "DeliveryAttempt" (
    "seq" BIGSERIAL NOT NULL,
    "deliveryId" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "workMs" DOUBLE PRECISION NOT NULL,
    "succeeded" BOOLEAN NOT NULL,
    "answer" INTEGER,
    "message" TEXT NOT NULL,

    CONSTRAINT "DeliveryAttempt_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "InboxMessage" (
    "seq" BIGSERIAL NOT NULL,
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "alertId" UUID,
    "targetId" TEXT NOT NULL,
    "severity" INTEGER NOT NULL,
    "occasion" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "text" TEXT NOT NULL,

    CONSTRAINT "InboxMessage_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "InboxMark" (
    "principalId" UUID NOT NULL,
    "seenSeq" BIGINT NOT NULL,

    CONSTRAINT "InboxMark_pkey" PRIMARY KEY ("principalId")
);

-- CreateTable
CREATE TABLE "AdvisorScore" (
    "tenantId" UUID NOT NULL,
    "subject" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "score" DOUBLE PRECISION NOT NULL,
    "passed" INTEGER NOT NULL,
    "failed" INTEGER NOT NULL,

    CONSTRAINT "AdvisorScore_pkey" PRIMARY KEY ("tenantId","subject","at")
);

-- CreateIndex
CREATE INDEX "ActivityOutbox_tenantId_idx" ON "ActivityOutbox"("tenantId");

-- CreateIndex
CREATE INDEX "MetricSample_tenantId_metric_at_idx" ON "MetricSample"("tenantId", "metric", "at");

-- CreateIndex
CREATE UNIQUE INDEX "AlertRule_idKey_key" ON "AlertRule"("idKey");

-- CreateIndex
CREATE INDEX "AlertRule_tenantId_kind_idx" ON "AlertRule"("tenantId", "kind");

-- CreateIndex
CREATE UNIQUE INDEX "ActionGroup_idKey_key" ON "ActionGroup"("idKey");

-- CreateIndex
CREATE INDEX "ActionGroup_tenantId_idx" ON "ActionGroup"("tenantId");

-- CreateIndex
CREATE UNIQUE INDEX "AlertProcessingRule_idKey_key" ON "AlertProcessingRule"("idKey");

-- CreateIndex
CREATE INDEX "AlertProcessingRule_tenantId_idx" ON "AlertProcessingRule"("tenantId");

-- CreateIndex
CREATE INDEX "Alert_tenantId_firedAt_idx" ON "Alert"("tenantId", "firedAt");

-- CreateIndex
CREATE INDEX "Alert_ruleId_idx" ON "Alert"("ruleId");

-- CreateIndex
CREATE UNIQUE INDEX "Alert_tenantId_dedupTag_key" ON "Alert"("tenantId", "dedupTag");

-- CreateIndex
CREATE INDEX "AlertEvent_alertId_idx" ON "AlertEvent"("alertId");

-- CreateIndex
CREATE INDEX "AlertDelivery_status_nextAttemptMs_idx" ON "AlertDelivery"("status", "nextAttemptMs");

-- CreateIndex
CREATE INDEX "AlertDelivery_tenantId_createdAt_idx" ON "AlertDelivery"("tenantId", "createdAt");

-- CreateIndex
CREATE INDEX "AlertDelivery_actionGroupId_idx" ON "AlertDelivery"("actionGroupId");

-- CreateIndex
CREATE INDEX "DeliveryAttempt_deliveryId_idx" ON "DeliveryAttempt"("deliveryId");

-- CreateIndex
CREATE UNIQUE INDEX "InboxMessage_id_key" ON "InboxMessage"("id");

-- CreateIndex
CREATE INDEX "InboxMessage_tenantId_seq_idx" ON "InboxMessage"("tenantId", "seq");

-- AddForeignKey
ALTER TABLE "DeliveryAttempt" ADD CONSTRAINT "DeliveryAttempt_deliveryId_fkey" FOREIGN KEY ("deliveryId") REFERENCES "AlertDelivery"("id") ON DELETE CASCADE ON UPDATE CASCADE;
