import { Loader } from '@mantine/core';
import { Suspense } from 'react';
import { Route, Switch } from 'wouter';
import { CommandPage } from '../command/command-page.js';
import { CommandsPage } from '../commands/commands-page.js';
import { PageTitle } from '../components/page-title.js';
import { DeadLettersPage } from '../dead-letters/dead-letters-page.js';
import { DevicePage } from '../device/device-page.js';
import { DevicesPage } from '../devices/devices-page.js';
import { OverviewPage } from '../overview/overview-page.js';
import { SendPage } from '../send/send-page.js';

/** The page of the address. The gateway knows the same addresses. */
export function Pages() {
  return (
    <Suspense fallback={<Loader aria-label="Loading" />}>
      <Switch>
        <Route path="/" component={OverviewPage} />
        <Route path="/commands" component={CommandsPage} />
        <Route path="/command" component={CommandPage} />
        <Route path="/devices" component={DevicesPage} />
        <Route path="/device" component={DevicePage} />
        <Route path="/dead-letters" component={DeadLettersPage} />
        <Route path="/send" component={SendPage} />
        <Route>
          <PageTitle>There is no such page</PageTitle>
        </Route>
      </Switch>
    </Suspense>
  );
}
