using System.Security.Cryptography;
using System.Text;
using CooperationEvents.Frameworks;

namespace CooperationEvents.Calendars.Outgoing;

/// <summary>What the frameworks and hosts of the meetings in a calendar are called, by their ids.</summary>
internal sealed record CalendarNames(IReadOnlyDictionary<Guid, FrameworkNames> Frameworks, IReadOnlyDictionary<Guid, string> Organisations)
{
    /// <summary>Differs where a name does: a new name, or the day on which it begins, changes no meeting.</summary>
    public string Digest
    {
        get
        {
            var frameworks = Frameworks
                .OrderBy(f => f.Key)
                .SelectMany(f => f.Value.Levels.OrderBy(l => l.Key, StringComparer.Ordinal).Prepend(new($"{f.Key}", f.Value.Name)));
            var organisations = Organisations.OrderBy(o => o.Key).Select(o => KeyValuePair.Create($"{o.Key}", o.Value));
            var names = string.Join('\n', frameworks.Concat(organisations));
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(names)))[..16];
        }
    }
}
