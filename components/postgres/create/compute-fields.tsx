'use client'
import {
  makeStyles,
  mergeClasses,
  Radio,
  RadioGroup,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  tokens,
} from '@fluentui/react-components'
import { FieldWithInfo } from '@/components/ui/field-with-info'
import { type ComputeTier, findSku, SKUS, type Sku } from '@/server/postgres/catalog'
import { computeMonthly, formatMoney } from '@/server/postgres/prices'
import { useAssign, useOrientation } from './fields'
import { useWizardValues } from './wizard-context'

export const TIER_LABELS: Record<ComputeTier, string> = {
  Burstable: 'Burstable',
  GeneralPurpose: 'General Purpose',
  MemoryOptimized: 'Memory Optimized',
}

const TIER_HINTS: Record<ComputeTier, string> = {
  Burstable: '1 to 20 vCores; for work that needs its full power now and then',
  GeneralPurpose: '2 to 96 vCores, 4 GiB for each; for most production work',
  MemoryOptimized: '2 to 96 vCores, about 8 GiB for each; for large working sets',
}

const TIERS = Object.keys(TIER_LABELS) as ComputeTier[]
type Processor = NonNullable<Sku['processor']>

const offered = (tier: ComputeTier, processor: Processor | null): Sku[] =>
  SKUS.filter((sku) => sku.tier === tier && (tier === 'Burstable' || sku.processor === processor))

/** The size of another tier or processor that is nearest to the present one. */
function nearest(from: Sku | null, tier: ComputeTier, processor: Processor): Sku {
  const choices = offered(tier, processor)
  const wanted = from?.tier === 'Burstable' || tier === 'Burstable' ? 0 : (from?.vCores ?? 0)
  return choices.findLast((sku) => sku.vCores <= wanted) ?? choices[0]!
}

const useStyles = makeStyles({
  frame: { overflowX: 'auto', maxHeight: '320px', border: `1px solid ${tokens.colorNeutralStroke2}` },
  number: { textAlign: 'right', justifyContent: 'flex-end' },
  head: { position: 'sticky', top: 0, zIndex: 1, backgroundColor: tokens.colorNeutralBackground3 },
  picked: { backgroundColor: tokens.colorNeutralBackground1Selected },
})

export function ComputeFields() {
  const orientation = useOrientation()
  const { basics } = useWizardValues()
  const assign = useAssign()
  const { compute } = basics
  const sku = findSku(compute.sku)
  const processor = sku?.processor ?? 'Intel'
  const take = (next: Sku) => assign('basics.compute', { tier: next.tier, sku: next.name })
  return (
    <>
      <FieldWithInfo
        label="Cluster options"
        orientation={orientation}
        info="A cluster spreads tables over several servers. It cannot be chosen later."
      >
        <RadioGroup value="server">
          <Radio value="server" label="Server" />
          <Radio
            value="cluster"
            disabled
            label={
              <>
                Elastic cluster
                <br />
                <small>Not part of this simulation: one server is one PostgreSQL</small>
              </>
            }
          />
        </RadioGroup>
      </FieldWithInfo>
      <FieldWithInfo label="Compute tier" required orientation={orientation}>
        <RadioGroup
          value={compute.tier}
          onChange={(_, data) => take(nearest(sku, data.value as ComputeTier, processor))}
        >
          {TIERS.map((tier) => (
            <Radio
              key={tier}
              value={tier}
              label={
                <>
                  {TIER_LABELS[tier]}
                  <br />
                  <small>{TIER_HINTS[tier]}</small>
                </>
              }
            />
          ))}
        </RadioGroup>
      </FieldWithInfo>
      {compute.tier !== 'Burstable' && (
        <FieldWithInfo label="Compute processor" required orientation={orientation}>
          <RadioGroup
            layout="horizontal"
            value={processor}
            onChange={(_, data) => take(nearest(sku, compute.tier, data.value as Processor))}
          >
            <Radio value="Intel" label="Intel" />
            <Radio value="AMD" label="AMD" />
          </RadioGroup>
        </FieldWithInfo>
      )}
      <SizeTable
        sizes={offered(compute.tier, processor)}
        picked={compute.sku}
        location={basics.location}
        onPick={take}
      />
    </>
  )
}

function SizeTable(props: { sizes: Sku[]; picked: string; location: string; onPick: (sku: Sku) => void }) {
  const styles = useStyles()
  return (
    <RadioGroup
      aria-label="Compute size"
      value={props.picked}
      onChange={(_, data) => props.onPick(findSku(data.value)!)}
      data-field="basics.compute.sku"
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrollable by keyboard. */}
      <section className={styles.frame} aria-label="Compute sizes" tabIndex={0}>
        <Table size="small" aria-label="Compute sizes">
          <TableHeader>
            <TableRow>
              <TableHeaderCell className={styles.head} style={{ width: '34%' }}>
                Compute size
              </TableHeaderCell>
              {['vCores', 'Memory', 'Max IOPS', 'Estimate a month'].map((name) => (
                <TableHeaderCell key={name} className={styles.head} button={{ className: styles.number }}>
                  {name}
                </TableHeaderCell>
              ))}
            </TableRow>
          </TableHeader>
          <TableBody>
            {props.sizes.map((sku) => (
              <TableRow key={sku.name} className={mergeClasses(sku.name === props.picked && styles.picked)}>
                <TableCell>
                  <Radio value={sku.name} label={sku.name.replace('Standard_', '')} />
                </TableCell>
                <TableCell className={styles.number}>{sku.vCores}</TableCell>
                <TableCell className={styles.number}>{sku.memoryGiB} GiB</TableCell>
                <TableCell className={styles.number}>{sku.maxIops.toLocaleString('en-US')}</TableCell>
                <TableCell className={styles.number}>{formatMoney(computeMonthly(sku.name, props.location))}</TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </section>
    </RadioGroup>
  )
}
