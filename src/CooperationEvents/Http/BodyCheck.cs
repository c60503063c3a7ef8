using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using CooperationEvents.Kernel;

namespace CooperationEvents.Http;

/// <summary>
/// Holds a body against the type it is to become, member by member, so that every fault is reported at once and by its
/// place: unknown and missing members, wrong kinds, texts too long, words outside their list. Rules are not checked here.
/// </summary>
public static class BodyCheck
{
    /// <summary>The longest list taken where its member says nothing else.</summary>
    public const int DefaultMostItems = 1_000;

    internal const string NoWholeNumber = "Must be a whole number.";

    /// <summary>What is said of a member that is left out.</summary>
    internal static string Required(string member) => $"'{member}' is required.";

    private const int MostErrors = 50;

    private static readonly ConcurrentDictionary<Type, IReadOnlyList<string>> KnownWords = new();

    /// <summary>How much of a name that was sent stands in a sentence.</summary>
    internal const int LongestName = 60;

    /// <param name="elsewhere">Members that must not stand in the body, because the path holds them.</param>
    public static IReadOnlyList<FieldError> Check(JsonElement body, Type type, IEnumerable<string> elsewhere)
    {
        var errors = new List<FieldError>();
        CheckObject(body, type, "", [.. elsewhere], errors);
        return errors;
    }

    private static void CheckObject(JsonElement element, Type type, string pointer, HashSet<string> elsewhere, List<FieldError> errors)
    {
        var members = Json.Options.GetTypeInfo(type).Properties;
        var isListed = false;
        foreach (var given in element.EnumerateObject())
        {
            if (errors.Count >= MostErrors)
                return;
            var name = given.Name;
            var place = $"{pointer}/{Escape(name)}";
            if (elsewhere.Contains(name))
                errors.Add(new FieldError(place, $"'{name}' stands in the path; leave it out of the body."));
            else if (members.FirstOrDefault(m => m.Name == name) is { } member)
                CheckMember(given.Value, member, place, errors);
            else
                errors.Add(new FieldError(place, NoMember(name)));
        }

        foreach (var missing in members.Where(m => m.IsRequired && !elsewhere.Contains(m.Name) && !element.TryGetProperty(m.Name, out _)))
            errors.Add(new FieldError($"{pointer}/{missing.Name}", Required(missing.Name)));

        // The members there are stand in the answer once, however many are none of them.
        string NoMember(string name)
        {
            var shown = Characters.Shown(name, LongestName);
            if (isListed)
                return $"There is no member '{shown}' here either.";
            isListed = true;
            return $"There is no member '{shown}' here; there are "
                + $"{string.Join(", ", members.Select(m => m.Name).Where(n => !elsewhere.Contains(n)))}.";
        }
    }

    private static void CheckMember(JsonElement value, JsonPropertyInfo member, string pointer, List<FieldError> errors)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            if (member.IsRequired || !member.IsSetNullable)
                errors.Add(new FieldError(pointer, "Must not be null."));
            return;
        }

        CheckValue(value, Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType, Facets.Of(member), pointer, errors);
    }

    private static void CheckValue(JsonElement value, Type type, Facets facets, string pointer, List<FieldError> errors)
    {
        if (errors.Count >= MostErrors)
            return;
        var fault = type switch
        {
            _ when type == typeof(string) => Text(value, facets),
            _ when type == typeof(Guid) => IsId(value, out var id) && id != Guid.Empty ? null : "Must be a UUID, and not the nil one.",
            _ when type == typeof(bool) => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? null : "Must be true or false.",
            _ when type == typeof(int) => Number(value, facets),
            _ when type == typeof(long) => Position(value),
            _ when type.IsEnum => Word(value, type),
            _ when type == typeof(PartialDate) => Date(value, facets),
            _ when type == typeof(PositionOrTime) => value.ValueKind == JsonValueKind.Number ? Position(value) : Text(value, facets),
            _ when type == typeof(Reference) => CheckReference(value, pointer, errors),
            _ when type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueList<>) => CheckList(
                value,
                type.GetGenericArguments()[0],
                facets,
                pointer,
                errors
            ),
            _ when type == typeof(IReadOnlyDictionary<string, string>) => CheckTexts(value, facets, pointer, errors),
            _ => CheckNested(value, type, pointer, errors),
        };
        if (fault is not null)
            errors.Add(new FieldError(pointer, fault));
    }

    private static string? CheckNested(JsonElement value, Type type, string pointer, List<FieldError> errors)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return "Must be an object.";
        CheckObject(value, type, pointer, [], errors);
        return null;
    }

    private static string? CheckReference(JsonElement value, string pointer, List<FieldError> errors)
    {
        if (value.ValueKind == JsonValueKind.Object)
            return CheckNested(value, typeof(ExternalReference), pointer, errors);
        return IsId(value, out _) ? null : "Must be a UUID, or an external reference {\"system\", \"id\"}.";
    }

    private static string? CheckList(JsonElement value, Type itemType, Facets facets, string pointer, List<FieldError> errors)
    {
        if (value.ValueKind != JsonValueKind.Array)
            return "Must be a list.";
        var length = value.GetArrayLength();
        if (length < (facets.Bounds?.Least ?? 0) || length > (facets.Bounds?.Most ?? DefaultMostItems))
            return $"Must hold {facets.Bounds?.Least ?? 0} to {facets.Bounds?.Most ?? DefaultMostItems} items; it holds {length}.";
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            var place = $"{pointer}/{index++}";
            if (item.ValueKind == JsonValueKind.Null)
                errors.Add(new FieldError(place, "Must not be null."));
            else
                CheckValue(item, itemType, facets with { Bounds = null }, place, errors);
        }

        return null;
    }

    private static string? CheckTexts(JsonElement value, Facets facets, string pointer, List<FieldError> errors)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return "Must be an object of texts by language.";
        var count = value.EnumerateObject().Count();
        if (facets.Bounds is { } bounds && (count < bounds.Least || count > bounds.Most))
            return $"Must hold {bounds.Least} to {bounds.Most} languages; it holds {count}.";
        foreach (var text in value.EnumerateObject())
        {
            var place = $"{pointer}/{Escape(text.Name)}";
            if (!MatchesWhole(text.Name, TextAttribute.LanguageTag))
                errors.Add(new FieldError(place, "The member's name must be a language tag such as en or fr-BE."));
            CheckValue(text.Value, typeof(string), facets, place, errors);
        }

        return null;
    }

    private static string? Text(JsonElement value, Facets facets)
    {
        if (value.ValueKind != JsonValueKind.String)
            return "Must be a text.";
        if (Read(value) is not { } sent)
            return "Must be Unicode text; it holds half of a surrogate pair.";
        var text = facets.Text?.HasLines == true ? NormalForm.Of(sent) : NormalForm.OfLine(sent);
        if (text.Length == 0 && !sent.Any(IsRefused))
            return "Must not be blank; leave it out instead, where it is optional.";
        foreach (var c in sent)
        {
            if (IsRefused(c))
                return string.Create(CultureInfo.InvariantCulture, $"Must not hold control characters; it holds \\u{(int)c:x4}.");
        }

        var most = facets.Text?.MaxLength ?? TextAttribute.DefaultMaxLength;
        if (text.Length > most && Characters.Of(text) is var length && length > most)
            return $"Must be at most {most} characters; it is {length}.";
        if (facets.Text?.Pattern is { } pattern && !MatchesWhole(text, pattern))
            return $"Must be {facets.Text.Words}.";
        if (facets.TimeZone && TimeZones.Spelled(text) is null)
            return "Must be an IANA time zone, such as Europe/Brussels.";
        if (facets.Country && !Countries.Has(text))
            return Countries.Meant(text) is { } meant
                ? $"Must be {CountryAttribute.Words}; {text} is not assigned, {meant} is."
                : $"Must be {CountryAttribute.Words}; {text} is not assigned.";
        if (facets.Uri is not null && Regex.IsMatch(text, $"^{UriAttribute.User}"))
            return "Must hold no user name or password: whoever reads it here would have them. Take out what stands before the @.";
        if (
            facets.Uri is { } uri
            && !(
                uri.AnyScheme
                    ? MatchesWhole(text, UriAttribute.Pattern)
                    : System.Uri.TryCreate(text, UriKind.Absolute, out var absolute) && absolute.Scheme is "http" or "https"
            )
        )
            return uri.AnyScheme
                ? "Must be an absolute URI: a scheme and a colon first, such as urn: or https:, and not javascript:, vbscript: or data:."
                : "Must be an absolute http or https URL.";
        return null;
    }

    /// <summary>Control characters say nothing in a text; the breaks between lines and columns do.</summary>
    private static bool IsRefused(char c) => char.IsControl(c) && !char.IsWhiteSpace(c);

    private static string? Date(JsonElement value, Facets facets)
    {
        PartialDate date = default;
        var isDate = value.ValueKind == JsonValueKind.String && PartialDate.TryParse(Read(value), out date);
        return (isDate, facets.TimeOfDay) switch
        {
            (true, true) => null,
            (true, false) => date.Time is null
                ? null
                : "Must be a year, a month or a day; only the days of a meeting have a time and a zone.",
            (_, true) => $"Must be {PartialDate.TimeWords}.",
            _ => $"Must be {PartialDate.DayWords}.",
        };
    }

    private static string? Position(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var position) && position >= 0
            ? null
            : "Must be a position: a whole number, 0 or more.";

    private static string? Number(JsonElement value, Facets facets)
    {
        if (value.ValueKind != JsonValueKind.Number || value.GetRawText().AsSpan().ContainsAny('.', 'e', 'E'))
            return NoWholeNumber;
        var (least, most) = facets.Bounds is { } bounds ? (bounds.Least, bounds.Most) : (int.MinValue, int.MaxValue);
        return value.TryGetInt32(out var number) && number >= least && number <= most ? null : $"Must be {least} to {most}.";
    }

    private static string? Word(JsonElement value, Type type)
    {
        var words = Words(type);
        return value.ValueKind == JsonValueKind.String && words.Contains(Read(value))
            ? null
            : $"Must be one of {string.Join(", ", words)}.";
    }

    /// <summary>The words an enumeration has in JSON.</summary>
    public static IReadOnlyList<string> Words(Type enumType) =>
        KnownWords.GetOrAdd(enumType, static type => [.. Enum.GetNames(type).Select(JsonNamingPolicy.KebabCaseLower.ConvertName)]);

    /// <summary><c>$</c> alone would let a last line break pass.</summary>
    private static bool MatchesWhole(string text, string pattern) =>
        Regex.Match(text, pattern) is { Success: true } match && match.Length == text.Length;

    private static bool IsId(JsonElement value, out Guid id)
    {
        id = Guid.Empty;
        return value.ValueKind == JsonValueKind.String && Read(value) is not null && value.TryGetGuid(out id);
    }

    private static string? Read(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json's way to say that an escaped text is no valid UTF-16.
            return null;
        }
    }

    /// <summary>The name of a member as a JSON Pointer has it.</summary>
    internal static string Escape(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private sealed record Facets(
        TextAttribute? Text,
        BoundsAttribute? Bounds,
        UriAttribute? Uri,
        bool TimeZone,
        bool Country,
        bool TimeOfDay
    )
    {
        /// <summary>Attributes are slow to read, and the members of one type information are always the same.</summary>
        private static readonly ConditionalWeakTable<JsonPropertyInfo, Facets> Known = [];

        public static Facets Of(JsonPropertyInfo member) =>
            Known.GetValue(member, static m => new Facets(
                Attribute<TextAttribute>(m),
                Attribute<BoundsAttribute>(m),
                Attribute<UriAttribute>(m),
                Attribute<TimeZoneAttribute>(m) is not null,
                Attribute<CountryAttribute>(m) is not null,
                Attribute<TimeOfDayAttribute>(m) is not null
            ));

        private static T? Attribute<T>(JsonPropertyInfo member)
            where T : Attribute => member.AttributeProvider?.GetCustomAttributes(typeof(T), inherit: true).OfType<T>().FirstOrDefault();
    }
}
