import type { GroupAdmin, GroupDescription, MemberDescription } from '@preservarium/backend';
import { type Admin, AssignerProtocol, type MemberDescription as KafkajsMember } from 'kafkajs';

/** Sends a request with the connections of the admin client, and maps its errors. */
export type AskAdmin = <T>(doing: string, send: (admin: Admin) => Promise<T>) => Promise<T>;

/** Groups of other kinds, such as those of Kafka Connect, have another type. One without members may have none. */
const consumerTypes: readonly string[] = ['consumer', ''];
/** Each question is a request. */
const groupsAtOnce = 50;

export function createGroupAdmin(ask: AskAdmin): GroupAdmin {
  async function hasOffsets(groupId: string, topics: readonly string[]): Promise<boolean> {
    // Of all its topics: Kafka answers with an error if one of those asked for does not exist.
    const found = await ask(`read the offsets of group "${groupId}"`, (admin) =>
      admin.fetchOffsets({ groupId }),
    );
    const committed = found.filter(({ partitions }) => partitions.some(({ offset }) => Number(offset) >= 0));
    return topics.every((name) => committed.some(({ topic }) => topic === name));
  }

  async function describe(groupIds: string[]): Promise<readonly GroupDescription[]> {
    if (groupIds.length === 0) return [];
    const { groups } = await ask('describe the groups', (admin) => admin.describeGroups(groupIds));
    return groups.map(({ groupId, members }) => ({
      groupId,
      members: members.map(describeMember).sort((one, other) => (one.memberId < other.memberId ? -1 : 1)),
    }));
  }

  return {
    async groupsOf(topics) {
      const { groups } = await ask('list the groups', (admin) => admin.listGroups());
      const ids = groups
        .filter(({ protocolType }) => consumerTypes.includes(protocolType))
        .map(({ groupId }) => groupId)
        .sort();
      const found: string[] = [];
      for (let start = 0; start < ids.length; start += groupsAtOnce) {
        const asked = ids.slice(start, start + groupsAtOnce);
        const matches = await Promise.all(asked.map((groupId) => hasOffsets(groupId, topics)));
        found.push(...asked.filter((_, index) => matches[index]));
      }
      const described = await describe(found);
      return [...described].sort((one, other) => (one.groupId < other.groupId ? -1 : 1));
    },
  };
}

function describeMember({
  memberId,
  clientId,
  clientHost,
  memberAssignment,
}: KafkajsMember): MemberDescription {
  // It is empty while the group divides its partitions.
  const assignment =
    memberAssignment.length === 0 ? undefined : AssignerProtocol.MemberAssignment.decode(memberAssignment);
  const partitions = Object.entries(assignment?.assignment ?? {}).map(
    ([topic, assigned]) => [topic, assigned.toSorted((one, other) => one - other)] as const,
  );
  return { memberId, clientId, host: clientHost, partitions: Object.fromEntries(partitions) };
}
