import type { AppInfo } from '../../core/contract/commands.ts';
import { Tabs } from '../components/tabs.tsx';
import { View } from '../components/view.tsx';
import { say } from '../messages/say.ts';
import { knownTokens, useTold } from '../store/told.ts';
import { KnownTokens } from './known-tokens.tsx';
import { TokenModule } from './token-module.tsx';

/** Tokens that are known, what each holds, and what a module offers against what a ceremony needs. */
export function TokensView({ info }: { info: AppInfo }) {
  const told = useTold(knownTokens);
  return (
    <View info={info} title={say('tokens.title')} lead={say('tokens.lead')} told={told}>
      {told?.ok && (
        <Tabs
          label={say('tokens.tabs')}
          tabs={[
            { id: 'known', title: say('tokens.known'), content: <KnownTokens known={told.value} /> },
            { id: 'module', title: say('tokens.module'), content: <TokenModule modules={told.value.modules} /> },
          ]}
        />
      )}
    </View>
  );
}
