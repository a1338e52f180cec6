-- CreateTable
CREATE TABLE "ActivityEvent" (
    "seq" BIGSERIAL NOT NULL,
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "correlationId" UUID NOT NULL,
    "operationId" UUID,
    "callerId" TEXT NOT NULL,
    "callerName" TEXT NOT NULL,
    "category" TEXT NOT NULL,
    "level" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "subStatus" TEXT,
    "operationName" TEXT NOT NULL,
    "resourceId" TEXT NOT NULL,
    "resourceType" TEXT NOT NULL,
    "resourceGroup" TEXT,
    "subscriptionId" TEXT,
    "description" TEXT NOT NULL,
    "properties" JSONB NOT NULL,

    CONSTRAINT "ActivityEvent_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "AuditEvent" (
    "seq" BIGSERIAL NOT NULL,
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "storeId" TEXT NOT NULL,
    "operationName" TEXT NOT NULL,
    "operationVersion" TEXT NOT NULL,
    "resultType" TEXT NOT NULL,
    "resultSignature" TEXT NOT NULL,
    "resultDescription" TEXT NOT NULL,
    "httpStatusCode" INTEGER NOT NULL,
    "durationMs" DOUBLE PRECISION NOT NULL,
    "callerIpAddress" TEXT NOT NULL,
    "correlationId" TEXT NOT NULL,
    "identity" JSONB NOT NULL,
    "properties" JSONB NOT NULL,

    CONSTRAINT "AuditEvent_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "Engine" (
    "id" TEXT NOT NULL,
    "heartbeatMs" BIGINT NOT NULL,
    "httpsPort" INTEGER NOT NULL,
    "startedMs" BIGINT NOT NULL,

    CONSTRAINT "Engine_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Clock" (
    "tenantId" UUID NOT NULL,
    "virtualMs" BIGINT NOT NULL,
    "realAnchorMs" BIGINT NOT NULL,
    "rate" DOUBLE PRECISION NOT NULL,
    "advancingToMs" BIGINT,
    "epoch" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "Clock_pkey" PRIMARY KEY ("tenantId")
);

-- CreateTable
CREATE TABLE "AgendaItem" (
    "seq" BIGSERIAL NOT NULL,
    "tenantId" UUID NOT NULL,
    "dueAt" TIMESTAMPTZ(3) NOT NULL,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "lastError" TEXT,

    CONSTRAINT "AgendaItem_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "Tenant" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "domain" TEXT NOT NULL,
    "seededAt" TIMESTAMPTZ(3),
    "settings" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "Tenant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Subscription" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "Subscription_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ResourceGroup" (
    "id" TEXT NOT NULL,
    "subscriptionId" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "location" TEXT NOT NULL,
    "tags" JSONB NOT NULL DEFAULT '{}',
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ResourceGroup_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Principal" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "displayName" TEXT NOT NULL,
    "appId" UUID,
    "upn" TEXT,
    "mirid" TEXT,
    "jobTitle" TEXT,
    "secretHash" TEXT,
    "deletedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Principal_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "GroupMember" (
    "groupId" UUID NOT NULL,
    "memberId" UUID NOT NULL,

    CONSTRAINT "GroupMember_pkey" PRIMARY KEY ("groupId","memberId")
);

-- CreateTable
CREATE TABLE "ManagedIdentity" (
    "id" TEXT NOT NULL,
    "tenantId" UUID NOT NULL,
    "subscriptionId" UUID NOT NULL,
    "resourceGroup" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "location" TEXT NOT NULL,
    "principalId" UUID NOT NULL,
    "clientId" UUID NOT NULL,
    "tags" JSONB NOT NULL DEFAULT '{}',
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ManagedIdentity_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "RoleAssignment" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "scope" TEXT NOT NULL,
    "scopeKey" TEXT NOT NULL,
    "roleDefinitionId" UUID NOT NULL,
    "principalId" UUID NOT NULL,
    "principalType" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "createdBy" TEXT NOT NULL,
    "effectiveAt" TIMESTAMPTZ(3) NOT NULL,
    "removedAt" TIMESTAMPTZ(3),
    "ceasesAt" TIMESTAMPTZ(3),

    CONSTRAINT "RoleAssignment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "SigningKey" (
    "id" TEXT NOT NULL,
    "tenantId" UUID NOT NULL,
    "publicJwk" JSONB NOT NULL,
    "sealedPrivate" BYTEA NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "SigningKey_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Key" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "storeId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "nameKey" TEXT NOT NULL,
    "rotationPolicy" JSONB,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "deletedAt" TIMESTAMPTZ(3),
    "scheduledPurgeAt" TIMESTAMPTZ(3),

    CONSTRAINT "Key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "KeyVersion" (
    "version" TEXT NOT NULL,
    "keyId" UUID NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "kty" TEXT NOT NULL,
    "keySize" INTEGER,
    "crv" TEXT,
    "publicJwk" JSONB NOT NULL,
    "sealedPrivate" BYTEA NOT NULL,
    "keyOps" TEXT[],
    "enabled" BOOLEAN NOT NULL,
    "notBefore" TIMESTAMPTZ(3),
    "expires" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,
    "tags" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "KeyVersion_pkey" PRIMARY KEY ("version")
);

-- CreateTable
CREATE TABLE "Vault" (
    "id" TEXT NOT NULL,
    "tenantId" UUID NOT NULL,
    "subscriptionId" UUID NOT NULL,
    "resourceGroup" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "nameKey" TEXT NOT NULL,
    "location" TEXT NOT NULL,
    "sku" TEXT NOT NULL,
    "rbac" BOOLEAN NOT NULL,
    "accessPolicies" JSONB NOT NULL DEFAULT '[]',
    "softDeleteDays" INTEGER NOT NULL,
    "purgeProtection" BOOLEAN NOT NULL,
    "publicNetworkAccess" BOOLEAN NOT NULL,
    "networkAcls" JSONB NOT NULL,
    "tags" JSONB NOT NULL DEFAULT '{}',
    "serviceOwned" BOOLEAN NOT NULL DEFAULT false,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "deletedAt" TIMESTAMPTZ(3),
    "scheduledPurgeAt" TIMESTAMPTZ(3),

    CONSTRAINT "Vault_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ManagedHsm" (
    "id" TEXT NOT NULL,
    "tenantId" UUID NOT NULL,
    "subscriptionId" UUID NOT NULL,
    "resourceGroup" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "nameKey" TEXT NOT NULL,
    "location" TEXT NOT NULL,
    "softDeleteDays" INTEGER NOT NULL,
    "purgeProtection" BOOLEAN NOT NULL,
    "publicNetworkAccess" BOOLEAN NOT NULL,
    "networkAcls" JSONB NOT NULL,
    "adminObjectIds" TEXT[],
    "activatedAt" TIMESTAMPTZ(3),
    "quorum" INTEGER,
    "securityDomain" JSONB,
    "tags" JSONB NOT NULL DEFAULT '{}',
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "deletedAt" TIMESTAMPTZ(3),
    "scheduledPurgeAt" TIMESTAMPTZ(3),

    CONSTRAINT "ManagedHsm_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "HsmRoleAssignment" (
    "id" UUID NOT NULL,
    "hsmId" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "roleDefinitionId" UUID NOT NULL,
    "principalId" UUID NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "createdBy" TEXT NOT NULL,

    CONSTRAINT "HsmRoleAssignment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Server" (
    "id" TEXT NOT NULL,
    "tenantId" UUID NOT NULL,
    "subscriptionId" UUID NOT NULL,
    "resourceGroup" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "location" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "properties" JSONB NOT NULL,
    "adminLogin" TEXT NOT NULL,
    "sealedVerifier" BYTEA,
    "tags" JSONB NOT NULL DEFAULT '{}',
    "state" TEXT NOT NULL,
    "stateSince" TIMESTAMPTZ(3) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "createdBy" TEXT NOT NULL,
    "encryptionType" TEXT NOT NULL,
    "primaryKeyUri" TEXT NOT NULL,
    "primaryIdentityId" TEXT,
    "primaryPrincipalId" UUID,
    "geoKeyUri" TEXT,
    "geoIdentityId" TEXT,
    "geoPrincipalId" UUID,
    "identityIds" TEXT[],
    "keyAccess" JSONB,
    "keyCheckedAt" TIMESTAMPTZ(3),
    "busyOperationId" UUID,

    CONSTRAINT "Server_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Envelope" (
    "id" UUID NOT NULL,
    "serverId" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "sequence" INTEGER NOT NULL,
    "kid" TEXT NOT NULL,
    "algorithm" TEXT NOT NULL,
    "wrappedDek" BYTEA NOT NULL,
    "keyCheckValue" BYTEA NOT NULL,
    "mac" BYTEA NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "supersededAt" TIMESTAMPTZ(3),

    CONSTRAINT "Envelope_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ServerStateChange" (
    "seq" BIGSERIAL NOT NULL,
    "serverId" TEXT NOT NULL,
    "tenantId" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "from" TEXT,
    "to" TEXT NOT NULL,
    "cause" JSONB,
    "correlationId" UUID NOT NULL,

    CONSTRAINT "ServerStateChange_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "FirewallRule" (
    "serverId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "startIp" TEXT NOT NULL,
    "endIp" TEXT NOT NULL,

    CONSTRAINT "FirewallRule_pkey" PRIMARY KEY ("serverId","name")
);

-- CreateTable
CREATE TABLE "NotificationMark" (
    "principalId" UUID NOT NULL,
    "seenSeq" BIGINT NOT NULL,

    CONSTRAINT "NotificationMark_pkey" PRIMARY KEY ("principalId")
);

-- CreateTable
CREATE TABLE "Operation" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "resourceId" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "input" JSONB NOT NULL,
    "error" JSONB,
    "cancelAsked" BOOLEAN NOT NULL DEFAULT false,
    "requestedBy" JSONB NOT NULL,
    "correlationId" UUID NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "endedAt" TIMESTAMPTZ(3),
    "retryOfId" UUID,

    CONSTRAINT "Operation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "OperationStep" (
    "operationId" UUID NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "startedAt" TIMESTAMPTZ(3),
    "endedAt" TIMESTAMPTZ(3),
    "workMs" DOUBLE PRECISION,
    "detail" TEXT,
    "error" JSONB,

    CONSTRAINT "OperationStep_pkey" PRIMARY KEY ("operationId","ordinal")
);

-- CreateIndex
CREATE UNIQUE INDEX "ActivityEvent_id_key" ON "ActivityEvent"("id");

-- CreateIndex
CREATE INDEX "ActivityEvent_tenantId_at_idx" ON "ActivityEvent"("tenantId", "at");

-- CreateIndex
CREATE INDEX "ActivityEvent_tenantId_resourceId_idx" ON "ActivityEvent"("tenantId", "resourceId");

-- CreateIndex
CREATE UNIQUE INDEX "AuditEvent_id_key" ON "AuditEvent"("id");

-- CreateIndex
CREATE INDEX "AuditEvent_tenantId_at_idx" ON "AuditEvent"("tenantId", "at");

-- CreateIndex
CREATE INDEX "AuditEvent_storeId_at_idx" ON "AuditEvent"("storeId", "at");

-- CreateIndex
CREATE INDEX "AgendaItem_tenantId_dueAt_seq_idx" ON "AgendaItem"("tenantId", "dueAt", "seq");

-- CreateIndex
CREATE UNIQUE INDEX "AgendaItem_tenantId_kind_key_key" ON "AgendaItem"("tenantId", "kind", "key");

-- CreateIndex
CREATE INDEX "ResourceGroup_tenantId_idx" ON "ResourceGroup"("tenantId");

-- CreateIndex
CREATE UNIQUE INDEX "Principal_appId_key" ON "Principal"("appId");

-- CreateIndex
CREATE INDEX "Principal_tenantId_kind_idx" ON "Principal"("tenantId", "kind");

-- CreateIndex
CREATE INDEX "GroupMember_memberId_idx" ON "GroupMember"("memberId");

-- CreateIndex
CREATE INDEX "ManagedIdentity_tenantId_idx" ON "ManagedIdentity"("tenantId");

-- CreateIndex
CREATE INDEX "RoleAssignment_principalId_idx" ON "RoleAssignment"("principalId");

-- CreateIndex
CREATE INDEX "RoleAssignment_tenantId_scopeKey_idx" ON "RoleAssignment"("tenantId", "scopeKey");

-- CreateIndex
CREATE INDEX "SigningKey_tenantId_idx" ON "SigningKey"("tenantId");

-- CreateIndex
CREATE UNIQUE INDEX "Key_storeId_nameKey_key" ON "Key"("storeId", "nameKey");

-- CreateIndex
CREATE UNIQUE INDEX "KeyVersion_keyId_ordinal_key" ON "KeyVersion"("keyId", "ordinal");

-- CreateIndex
CREATE UNIQUE INDEX "Vault_nameKey_key" ON "Vault"("nameKey");

-- CreateIndex
CREATE INDEX "Vault_tenantId_idx" ON "Vault"("tenantId");

-- CreateIndex
CREATE UNIQUE INDEX "ManagedHsm_nameKey_key" ON "ManagedHsm"("nameKey");

-- CreateIndex
CREATE INDEX "ManagedHsm_tenantId_idx" ON "ManagedHsm"("tenantId");

-- CreateIndex
CREATE INDEX "HsmRoleAssignment_hsmId_principalId_idx" ON "HsmRoleAssignment"("hsmId", "principalId");

-- CreateIndex
CREATE UNIQUE INDEX "Server_name_key" ON "Server"("name");

-- CreateIndex
CREATE INDEX "Server_tenantId_state_idx" ON "Server"("tenantId", "state");

-- CreateIndex
CREATE INDEX "Server_primaryKeyUri_idx" ON "Server"("primaryKeyUri");

-- CreateIndex
CREATE INDEX "Envelope_kid_idx" ON "Envelope"("kid");

-- CreateIndex
CREATE UNIQUE INDEX "Envelope_serverId_role_sequence_key" ON "Envelope"("serverId", "role", "sequence");

-- CreateIndex
CREATE INDEX "ServerStateChange_serverId_at_idx" ON "ServerStateChange"("serverId", "at");

-- CreateIndex
CREATE INDEX "ServerStateChange_tenantId_at_idx" ON "ServerStateChange"("tenantId", "at");

-- CreateIndex
CREATE INDEX "Operation_tenantId_createdAt_idx" ON "Operation"("tenantId", "createdAt");

-- CreateIndex
CREATE INDEX "Operation_status_idx" ON "Operation"("status");

-- CreateIndex
CREATE INDEX "Operation_resourceId_idx" ON "Operation"("resourceId");

-- AddForeignKey
ALTER TABLE "KeyVersion" ADD CONSTRAINT "KeyVersion_keyId_fkey" FOREIGN KEY ("keyId") REFERENCES "Key"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "OperationStep" ADD CONSTRAINT "OperationStep_operationId_fkey" FOREIGN KEY ("operationId") REFERENCES "Operation"("id") ON DELETE CASCADE ON UPDATE CASCADE;
