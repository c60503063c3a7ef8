using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CooperationEvents.Kernel;

/// <summary>
/// What differs between what is recorded and what was sent, member by member. Texts that are alike in their normal form do not, nor
/// lists that hold the same in another order: the order of a list says nothing here.
/// </summary>
public static class Difference
{
    private const int Most = 50;

    /// <summary>The most pairs of items that are compared to find which belong together.</summary>
    private const int MostCompared = 10_000;

    /// <summary>The most characters of a value that are shown.</summary>
    private const int LongestShown = 200;

    /// <summary>What is said of a personal member that differs.</summary>
    public const string OfPersonalData = "This differs from what is recorded.";

    /// <summary>One member that differs.</summary>
    public static FieldError Of(string pointer, object? recorded, object? sent) =>
        Differs(pointer, Shown(recorded), Shown(sent), person: null);

    /// <param name="pointer">Where in the body the members of <paramref name="sent"/> stand.</param>
    public static ValueList<FieldError> Between(object recorded, object sent, string pointer = "")
    {
        var found = new List<FieldError>();
        Compare(recorded, sent, pointer, person: null, found);
        return [.. found.Take(Most)];
    }

    /// <summary>Between the events something was created with and those that were to create it.</summary>
    /// <param name="place">Where in the body stands what an event says; with <c>*</c> for the number of the event among those of its
    /// type. Null where another event says the same.</param>
    public static ValueList<FieldError> Between(IReadOnlyList<object> created, IReadOnlyList<object> wanted, Func<object, string?> place) =>
        [.. Differing(created, wanted, place).Select(found => found.Error).Take(Most)];

    /// <summary>
    /// Whether each member of what was to be created says what one of the two has: what was created, or what that is now. A list is one
    /// member. So is an event that has a place of its own in the body, such as one attendance of several.
    /// </summary>
    /// <param name="place">As where the differences are told.</param>
    public static bool IsEither(
        IReadOnlyList<object> created,
        IReadOnlyList<object> now,
        IReadOnlyList<object> wanted,
        Func<object, string?> place
    )
    {
        var first = Members(created);
        if (first.Count == 0)
            return true;
        var later = Members(now);
        return later.Count == 0 || !first.Contains("") && !later.Contains("") && !first.Overlaps(later);

        HashSet<string> Members(IReadOnlyList<object> recorded) => [.. Differing(recorded, wanted, place).Select(found => found.Member)];
    }

    /// <summary>What differs, and the member it is of; empty where that is the whole body.</summary>
    private static List<(string Member, FieldError Error)> Differing(
        IReadOnlyList<object> created,
        IReadOnlyList<object> wanted,
        Func<object, string?> place
    )
    {
        var found = new List<(string, FieldError)>();
        foreach (var type in created.Concat(wanted).Select(e => e.GetType()).Distinct())
        {
            var (recorded, sent) = (created.Where(e => e.GetType() == type).ToList(), wanted.Where(e => e.GetType() == type).ToList());
            foreach (var (before, now, i) in Paired(recorded, sent, person: null))
            {
                var pointer = place((now ?? before)!)?.Replace("*", i.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
                var errors = new List<FieldError>();
                if (before is null || now is null)
                    errors.Add(
                        new FieldError(
                            pointer ?? "",
                            before is not null
                                ? $"What is recorded has this too: {InWords(type)}."
                                : $"What is recorded has nothing of this: {InWords(type)}."
                        )
                    );
                else if (pointer is not null)
                    Compare(before, now, pointer, person: null, errors);
                found.AddRange(errors.Select(e => (pointer is null or "" ? FirstMember(e.Pointer) : pointer, e)));
            }
        }

        return found;
    }

    /// <summary>The member of the body in which a place lies; empty where it is the body.</summary>
    private static string FirstMember(string pointer) =>
        pointer.IndexOf('/', Math.Min(1, pointer.Length)) is > 0 and var end ? pointer[..end] : pointer;

    /// <summary>What an event says happened, such as "attendance recorded".</summary>
    private static string InWords(Type type) => JsonNamingPolicy.SnakeCaseLower.ConvertName(type.Name).Replace('_', ' ');

    /// <param name="person">Whose personal data a protected value is.</param>
    private static void Compare(object? recorded, object? sent, string pointer, Guid? person, List<FieldError> found)
    {
        if (Equals(recorded, sent))
            return;
        switch (recorded, sent)
        {
            case (string a, string b) when NormalForm.OfLine(a) == NormalForm.OfLine(b):
                break;
            case (Protected { Plain: null }, Protected or null):
                // What cannot be read any more is not compared.
                break;
            case (Protected or null, Protected or null):
                ComparePersonal((recorded as Protected)?.Plain, (sent as Protected)?.Plain, pointer, person, found);
                break;
            case (System.Collections.IEnumerable and not string, _) or (_, System.Collections.IEnumerable and not string):
                CompareLists(Items(recorded), Items(sent), pointer, person, found);
                break;
            case ({ } a, { } b) when a.GetType() == b.GetType() && IsRecord(a.GetType()):
                foreach (var member in Json.Options.GetTypeInfo(a.GetType()).Properties)
                {
                    var (before, now, place) = (member.Get!(a), member.Get!(b), $"{pointer}/{member.Name}");
                    if (before is string one && now is string other && SentTexts.HasLines(member))
                    {
                        if (NormalForm.Of(one) != NormalForm.Of(other))
                            found.Add(Differs(place, Shown(one), Shown(other), person: null));
                    }
                    else
                    {
                        Compare(before, now, place, (a as IHoldPersonalData)?.PersonId ?? person, found);
                    }
                }

                break;
            default:
                found.Add(Differs(pointer, Shown(recorded), Shown(sent), person: null));
                break;
        }
    }

    private static void CompareLists(
        IReadOnlyList<object> recorded,
        IReadOnlyList<object> sent,
        string pointer,
        Guid? person,
        List<FieldError> found
    )
    {
        foreach (var (before, now, place) in Paired(recorded, sent, person))
            Compare(before, now, $"{pointer}/{place}", person, found);
    }

    /// <summary>
    /// The items that differ, each sent one with the recorded one that is most like it, in the order of what was sent; what is only
    /// recorded has the places behind.
    /// </summary>
    private static List<(object? Recorded, object? Sent, int Place)> Paired(
        IReadOnlyList<object> recorded,
        IReadOnlyList<object> sent,
        Guid? person
    )
    {
        var pairs = new List<(object?, object?, int)>();
        var unsent = recorded.GroupBy(item => item).ToDictionary(same => same.Key, same => same.Count());
        var other = new List<(object Item, int Place)>();
        foreach (var (place, item) in sent.Index())
        {
            if (unsent.GetValueOrDefault(item) is > 0 and var count)
                unsent[item] = count - 1;
            else
                other.Add((item, place));
        }

        var left = recorded.Where(item => unsent[item]-- > 0).ToList();
        var isMany = (long)left.Count * other.Count > MostCompared;
        foreach (var (item, place) in other)
        {
            var like = isMany ? left.FirstOrDefault() : left.MinBy(candidate => Differences(candidate, item, person));
            if (like is not null)
                left.Remove(like);
            pairs.Add((like, item, place));
        }

        pairs.AddRange(left.Select((item, i) => ((object?)item, (object?)null, sent.Count + i)));
        return pairs;
    }

    private static int Differences(object recorded, object sent, Guid? person)
    {
        var found = new List<FieldError>();
        Compare(recorded, sent, "", person, found);
        return found.Count;
    }

    /// <summary>A personal field may hold the JSON of several members.</summary>
    private static void ComparePersonal(string? recorded, string? sent, string pointer, Guid? person, List<FieldError> found)
    {
        var (a, b) = (Members(recorded), Members(sent));
        if (a is null && b is null)
        {
            if (recorded is null || sent is null || NormalForm.OfLine(recorded) != NormalForm.OfLine(sent))
                found.Add(Differs(pointer, Shown(recorded), Shown(sent), person ?? throw new UnreachableException()));
            return;
        }

        foreach (var name in (a ?? []).Concat(b ?? []).Select(m => m.Key).Distinct())
            ComparePersonal(a?[name]?.GetValue<string>(), b?[name]?.GetValue<string>(), $"{pointer}/{name}", person, found);
    }

    private static JsonObject? Members(string? text)
    {
        try
        {
            return
                text is ['{', ..]
                && JsonNode.Parse(text) is JsonObject members
                && members.All(m => m.Value is JsonValue value && value.GetValueKind() == JsonValueKind.String)
                ? members
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static FieldError Differs(string pointer, string recorded, string sent, Guid? person) =>
        new(pointer, person is not null ? OfPersonalData : $"Recorded is {recorded}; sent is {sent}.")
        {
            Recorded = recorded,
            Sent = sent,
            PersonId = person,
        };

    /// <summary>A value as JSON; <c>null</c> where there is none, and cut where it is long.</summary>
    private static string Shown(object? value)
    {
        var json = JsonSerializer.Serialize(value, value?.GetType() ?? typeof(object), Json.Options);
        return json.Length <= LongestShown ? json : JsonSerializer.Serialize($"{json[..LongestShown]}…", Json.Options);
    }

    private static bool IsRecord(Type type) =>
        type is { IsClass: true, Namespace: { } space }
        && space.StartsWith(nameof(CooperationEvents), StringComparison.Ordinal)
        && type != typeof(Reference);

    private static IReadOnlyList<object> Items(object? list) =>
        list is System.Collections.IEnumerable items ? [.. items.Cast<object>()] : [];
}
