import { recordWrite } from '@/server/activity/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { announce } from '@/server/kernel/notify'
import { resourceGroupId, scopeContains, subscriptionScope } from '@/server/kernel/resource-id'
import type { ResourceGroupDetail, SubscriptionView } from '../contract'
import { checkGroupName, isGuid } from '../rules'
import * as store from '../store/resources'
import { authorize, readableFilter, scopesOfAnyRight } from './authorization'

const GROUP_WRITE = 'Microsoft.Resources/subscriptions/resourceGroups/write'
const GROUP_READ = 'Microsoft.Resources/subscriptions/resourceGroups/read'

/** The subscriptions that the caller may read, and those in which it has any right at all. */
export async function listSubscriptions(ctx: Ctx): Promise<SubscriptionView[]> {
  const all = await store.selectSubscriptions(ctx.db, ctx.tenantId)
  const [readable, scopes] = [await readableFilter(ctx), await scopesOfAnyRight(ctx)]
  return all
    .map((subscription) => ({ subscription, own: subscriptionScope(subscription.id) }))
    .filter(({ own }) => readable(own) || scopes.some((scope) => scopeContains(own, scope)))
    .map(({ subscription }) => subscription)
}

/** @throws AppError `ResourceNotFound` (SubscriptionNotFound) when the tenant has no such subscription. */
export async function requireSubscription(ctx: Ctx, subscriptionId: string): Promise<SubscriptionView> {
  const found = isGuid(subscriptionId) ? await store.findSubscription(ctx.db, ctx.tenantId, subscriptionId) : null
  if (found) return found
  throw new AppError('ResourceNotFound', {
    vendorCode: 'SubscriptionNotFound',
    publicMessage: `The subscription '${subscriptionId}' could not be found.`,
  })
}

/** @throws AppError `ResourceGroupNotFound`, or `ResourceNotFound` for its subscription. */
export async function requireResourceGroup(
  ctx: Ctx,
  subscriptionId: string,
  name: string,
): Promise<ResourceGroupDetail> {
  await requireSubscription(ctx, subscriptionId)
  const found = await store.findResourceGroup(ctx.db, ctx.tenantId, resourceGroupId(subscriptionId, name))
  if (found) return found
  throw new AppError('ResourceGroupNotFound', {
    publicMessage: `Resource group '${name}' could not be found.`,
    field: 'resourceGroup',
  })
}

/** The resource groups that the caller may read. */
export async function listResourceGroups(ctx: Ctx): Promise<ResourceGroupDetail[]> {
  const [all, readable] = await Promise.all([store.selectResourceGroups(ctx.db, ctx.tenantId), readableFilter(ctx)])
  return all.filter((group) => readable(group.id))
}

/** The group under this resource id, or null. @throws AppError `AuthorizationFailed` */
export async function getResourceGroup(ctx: Ctx, id: string): Promise<ResourceGroupDetail | null> {
  await authorize(ctx, GROUP_READ, id)
  return store.findResourceGroup(ctx.db, ctx.tenantId, id)
}

/**
 * Creates a resource group; an existing one gets the tags given.
 * @throws AppError `AuthorizationFailed` | `ResourceNotFound` | `BadParameter` | `Conflict` (it lies elsewhere)
 */
export async function createResourceGroup(
  ctx: Ctx,
  group: { subscriptionId: string; name: string; location: string; tags?: Record<string, string> },
): Promise<ResourceGroupDetail> {
  const id = resourceGroupId(group.subscriptionId, group.name)
  const event = { operationName: GROUP_WRITE, resourceId: id, description: 'Create or update resource group' }
  return recordWrite(ctx, event, async (tx) => {
    await requireSubscription(tx, group.subscriptionId)
    await authorize(tx, GROUP_WRITE, id)
    checkGroupName(group.name)
    const found = await store.findResourceGroup(tx.db, tx.tenantId, id)
    if (found) await updateGroup(tx, found, group)
    else await store.insertResourceGroup(tx.db, { tags: {}, ...group, tenantId: tx.tenantId, createdAt: tx.now })
    await announce(tx.db, { tenantId: tx.tenantId, topic: 'resources' })
    return (await store.findResourceGroup(tx.db, tx.tenantId, id))!
  })
}

async function updateGroup(
  tx: Ctx,
  found: ResourceGroupDetail,
  { location, tags }: { location: string; tags?: Record<string, string> },
): Promise<void> {
  if (found.location !== location) {
    throw new AppError('Conflict', {
      vendorCode: 'InvalidResourceGroupLocation',
      field: 'location',
      publicMessage: `Invalid resource group location '${location}'. The Resource group already exists in location '${found.location}'.`,
    })
  }
  if (tags) await store.saveResourceGroupTags(tx.db, found.id, tags)
}
