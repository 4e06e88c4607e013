import styles from './several.module.css';

type Props<Id extends string> = {
  label: string;
  value: Id[];
  onChange: (value: Id[]) => void;
  options: { id: Id; text: string; detail: string }[];
};

/** Any of a few, all of them in sight, in their order. */
export function Several<Id extends string>({ label, value, onChange, options }: Props<Id>) {
  return (
    <fieldset className={styles['several']}>
      <legend>{label}</legend>
      {options.map(({ id, text, detail }) => (
        <label key={id} className={styles['option']}>
          <input
            type="checkbox"
            checked={value.includes(id)}
            onChange={({ target }) => {
              onChange(
                options.map((one) => one.id).filter((one) => (one === id ? target.checked : value.includes(one))),
              );
            }}
          />
          <span className={styles['text']}>
            <b>{text}</b> <small>{detail}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
