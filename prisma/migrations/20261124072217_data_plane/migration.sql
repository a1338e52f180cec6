-- AlterTable
ALTER TABLE "Engine" ADD COLUMN     "dataPlane" JSONB,
ADD COLUMN     "postgresPort" INTEGER;

-- AlterTable
ALTER TABLE "Server" ADD COLUMN     "firstDeniedAt" TIMESTAMPTZ(3),
ADD COLUMN     "wakeAskedMs" BIGINT;
