import { Choice } from '../components/choice.tsx';
import { Field } from '../components/field.tsx';
import panel from '../components/panel.module.css';
import { say } from '../messages/say.ts';
import { DRAWN, type PlanField, TOLD, type TypedPlan } from './plan-typed.ts';

export type FieldsProps = {
  typed: TypedPlan;
  faults: Partial<Record<PlanField, string>>;
  onChange: (typed: TypedPlan) => void;
};

/** One field of the plan; its hint is of the same name. */
function One({ of, props: { typed, faults, onChange }, long }: { of: PlanField; props: FieldsProps; long?: boolean }) {
  return (
    <Field
      label={say(`plan.${of}`)}
      hint={say(`plan.${of}Hint`)}
      error={faults[of]}
      value={typed[of]}
      onChange={(text) => {
        onChange({ ...typed, [of]: text });
      }}
      maxLength={long ? 65_536 : 2000}
      {...(long ? { multiline: true } : {})}
      mono
    />
  );
}

/** What the vault draws: letters that need quoting nowhere, or bytes. */
function Drawn(props: FieldsProps) {
  const { typed, onChange } = props;
  return (
    <>
      <Choice
        label={say('plan.drawn')}
        value={typed.drawn}
        onChange={(drawn) => {
          onChange({ ...typed, drawn });
        }}
        options={DRAWN.map((id) => ({ id, text: say(`plan.drawn.${id}`) }))}
      />
      <div className={panel['two']}>
        <One of="count" props={props} />
        {typed.drawn === 'letters' && <One of="alphabet" props={props} />}
      </div>
    </>
  );
}

function Postgres(props: FieldsProps) {
  const { host } = props.typed;
  return (
    <>
      <div className={panel['two']}>
        <One of="host" props={props} />
        <One of="port" props={props} />
        <One of="database" props={props} />
        <One of="administrator" props={props} />
        <One of="one" props={props} />
        <One of="other" props={props} />
      </div>
      {host.trim() !== '' && !host.trim().startsWith('/') && <One of="ca" props={props} long />}
      <One of="seconds" props={props} />
    </>
  );
}

/** What a plan says of how the next value is made. */
export function RotatorFields(props: FieldsProps) {
  const { rotator } = props.typed;
  if (rotator === 'category') return null;
  if (rotator === 'postgres') return <Postgres {...props} />;
  return (
    <>
      {rotator === 'command' && (
        <div className={panel['two']}>
          <One of="program" props={props} />
          <One of="seconds" props={props} />
        </div>
      )}
      <Drawn {...props} />
    </>
  );
}

/** Who is told after each rotation. */
export function ToldFields(props: FieldsProps) {
  const { typed, onChange } = props;
  if (typed.rotator === 'category') return null;
  return (
    <>
      <Choice
        label={say('plan.told')}
        value={typed.told}
        onChange={(told) => {
          onChange({ ...typed, told });
        }}
        options={TOLD.map((id) => ({ id, text: say(`plan.told.${id}`) }))}
      />
      {typed.told === 'program' && <One of="toldProgram" props={props} />}
      {typed.told === 'webhook' && (
        <>
          <One of="webhook" props={props} />
          <One of="webhookCa" props={props} long />
        </>
      )}
    </>
  );
}
