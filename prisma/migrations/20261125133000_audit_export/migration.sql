-- AlterTable
ALTER TABLE "AuditSink" ADD COLUMN     "deliveredAtMs" BIGINT,
ADD COLUMN     "sealedSecret" BYTEA,
ADD COLUMN     "testAsked" BOOLEAN NOT NULL DEFAULT false;
