using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using CooperationEvents.Kernel;

namespace CooperationEvents.Http;

/// <summary>
/// Reads JSON as a command. It is held against the command's type first, member by member, so that every fault is reported at once and by
/// its place: unknown and missing members, wrong kinds, texts too long, words outside their list. Rules are not checked here.
/// </summary>
public static partial class BodyCheck
{
    /// <summary>The longest list taken where its member says nothing else.</summary>
    public const int DefaultMostItems = 1_000;

    internal const string NoWholeNumber = "Must be a whole number.";

    private const string NotNull = "Must not be null.";

    /// <summary>What is said of a member that is left out.</summary>
    internal static string Required(string member) => $"'{member}' is required.";

    private const int MostErrors = 50;

    /// <summary>As bodies are read: texts in their normal form, time zones as IANA spells them.</summary>
    private static readonly JsonSerializerOptions Sent = new(Json.Sent)
    {
        TypeInfoResolver = Json.Sent.TypeInfoResolver!.WithAddedModifier(SpelledZone.OfMembers),
    };

    private static readonly ConcurrentDictionary<Type, IReadOnlyList<string>> KnownWords = new();

    /// <summary>How much of a name that was sent stands in a sentence.</summary>
    internal const int LongestName = 60;

    /// <summary>The members of each type that was asked for. Type information and attributes are slow to read.</summary>
    private static readonly ConcurrentDictionary<Type, Member[]> Known = new();

    /// <summary>The command in a body; what stands in its <paramref name="path"/> must not stand in the body too.</summary>
    public static (T? Command, Problem? Problem) As<T>(JsonElement body, IReadOnlyDictionary<string, string>? path = null)
        where T : class
    {
        var errors = Check(body, typeof(T), path?.Keys ?? []);
        if (errors.Count > 0)
            return (null, KernelProblems.Invalid.With(errors));
        if (path is null or { Count: 0 })
            return (body.Deserialize<T>(Sent)!, null);
        var joined = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(joined))
        {
            json.WriteStartObject();
            foreach (var (name, value) in path)
                json.WriteString(name, value);
            foreach (var member in body.EnumerateObject())
                member.WriteTo(json);
            json.WriteEndObject();
        }

        return (JsonSerializer.Deserialize<T>(joined.WrittenSpan, Sent)!, null);
    }

    /// <param name="elsewhere">Members that must not stand in the body, because the path holds them.</param>
    public static IReadOnlyList<FieldError> Check(JsonElement body, Type type, IEnumerable<string> elsewhere)
    {
        var errors = new List<FieldError>();
        CheckObject(body, type, elsewhere, errors);
        return errors;
    }

    /// <summary>Adds what is wrong with an object; the pointers begin in it.</summary>
    private static void CheckObject(JsonElement element, Type type, IEnumerable<string> elsewhere, List<FieldError> errors)
    {
        var members = Known.GetOrAdd(type, MembersOf);
        var isListed = false;
        foreach (var given in element.EnumerateObject())
        {
            if (errors.Count >= MostErrors)
                return;
            var member = Find(members, given);
            var name = member?.Name ?? given.Name;
            if (elsewhere.Contains(name))
                errors.Add(new FieldError($"/{Escape(name)}", $"'{name}' stands in the path; leave it out of the body."));
            else if (member is not null)
                CheckMember(given.Value, member, errors);
            else
                errors.Add(new FieldError($"/{Escape(name)}", NoMember(name, members, elsewhere, ref isListed)));
        }

        foreach (var member in members)
        {
            if (member.IsRequired && !elsewhere.Contains(member.Name) && !element.TryGetProperty(member.Utf8Name, out _))
                errors.Add(new FieldError("/" + member.Name, Required(member.Name)));
        }
    }

    private static Member? Find(Member[] members, JsonProperty given)
    {
        foreach (var member in members)
        {
            if (given.NameEquals(member.Utf8Name))
                return member;
        }

        return null;
    }

    /// <summary>The members there are stand in the answer once, however many are none of them.</summary>
    private static string NoMember(string name, Member[] members, IEnumerable<string> elsewhere, ref bool isListed)
    {
        var shown = Characters.Shown(name, LongestName);
        if (isListed)
            return $"There is no member '{shown}' here either.";
        isListed = true;
        return $"There is no member '{shown}' here; there are "
            + $"{string.Join(", ", members.Select(m => m.Name).Where(n => !elsewhere.Contains(n)))}.";
    }

    private static void CheckMember(JsonElement value, Member member, List<FieldError> errors)
    {
        if (value.ValueKind != JsonValueKind.Null)
            CheckAt(member.Name, value, member.Check, errors);
        else if (!member.MayBeNull)
            errors.Add(new FieldError($"/{member.Name}", NotNull));
    }

    /// <summary>Checks a value that stands at a place of another: pointers are made where something is wrong, and nowhere else.</summary>
    private static void CheckAt<TPlace>(TPlace place, JsonElement value, ValueCheck check, List<FieldError> errors)
    {
        var before = errors.Count;
        if (before >= MostErrors)
            return;
        if (check(value, errors) is { } fault)
            errors.Add(new FieldError("", fault));
        for (var i = before; i < errors.Count; i++)
            errors[i] = errors[i] with { Pointer = $"/{place}{errors[i].Pointer}" };
    }

    /// <summary>What the values of a type are held to.</summary>
    private static ValueCheck CheckOf(Type type, Facets facets) =>
        type switch
        {
            _ when type == typeof(string) => (value, _) => Text(value, facets),
            _ when type == typeof(Guid) => (value, _) =>
                IsId(value, out var id) && id != Guid.Empty ? null : "Must be a UUID, and not the nil one.",
            _ when type == typeof(bool) => (value, _) =>
                value.ValueKind is JsonValueKind.True or JsonValueKind.False ? null : "Must be true or false.",
            _ when type == typeof(int) => (value, _) => Number(value, facets),
            _ when type == typeof(long) => (value, _) => Position(value),
            _ when type.IsEnum => (value, _) => Word(value, type),
            _ when type == typeof(PartialDate) => (value, _) => Date(value, facets),
            _ when type == typeof(PositionOrTime) => (value, _) =>
                value.ValueKind == JsonValueKind.Number ? Position(value) : Text(value, facets),
            _ when type == typeof(Reference) => CheckReference,
            _ when type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueList<>) => ListCheck(
                CheckOf(type.GetGenericArguments()[0], facets with { Bounds = null }),
                facets.Bounds
            ),
            _ when type == typeof(IReadOnlyDictionary<string, string>) => (value, errors) => CheckTexts(value, facets, errors),
            _ => (value, errors) => CheckNested(value, type, errors),
        };

    private static string? CheckNested(JsonElement value, Type type, List<FieldError> errors)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return "Must be an object.";
        CheckObject(value, type, [], errors);
        return null;
    }

    private static string? CheckReference(JsonElement value, List<FieldError> errors)
    {
        if (value.ValueKind == JsonValueKind.Object)
            return CheckNested(value, typeof(ExternalReference), errors);
        return IsId(value, out _) ? null : "Must be a UUID, or an external reference {\"system\", \"id\"}.";
    }

    private static ValueCheck ListCheck(ValueCheck ofItem, BoundsAttribute? bounds)
    {
        var (least, most) = (bounds?.Least ?? 0, bounds?.Most ?? DefaultMostItems);
        return (value, errors) =>
        {
            if (value.ValueKind != JsonValueKind.Array)
                return "Must be a list.";
            var length = value.GetArrayLength();
            if (length < least || length > most)
                return $"Must hold {least} to {most} items; it holds {length}.";
            var index = 0;
            foreach (var item in value.EnumerateArray())
            {
                if (item.ValueKind == JsonValueKind.Null)
                    errors.Add(new FieldError($"/{index}", NotNull));
                else
                    CheckAt(index, item, ofItem, errors);
                index++;
            }

            return null;
        };
    }

    private static string? CheckTexts(JsonElement value, Facets facets, List<FieldError> errors)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return "Must be an object of texts by language.";
        var count = value.EnumerateObject().Count();
        if (facets.Bounds is { } bounds && (count < bounds.Least || count > bounds.Most))
            return $"Must hold {bounds.Least} to {bounds.Most} languages; it holds {count}.";
        foreach (var text in value.EnumerateObject())
        {
            var place = Escape(text.Name);
            if (!MatchesWhole(text.Name, LanguageTag()))
                errors.Add(new FieldError($"/{place}", "The member's name must be a language tag such as en or fr-BE."));
            CheckAt(place, text.Value, (item, _) => Text(item, facets), errors);
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
        if (facets.Pattern is { } pattern && !MatchesWhole(text, pattern))
            return $"Must be {facets.Text!.Words}.";
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
                    ? MatchesWhole(text, AnyUri())
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
    private static bool MatchesWhole(string text, Regex pattern) =>
        pattern.Match(text) is { Success: true } match && match.Length == text.Length;

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

    [GeneratedRegex(TextAttribute.LanguageTag)]
    private static partial Regex LanguageTag();

    [GeneratedRegex(UriAttribute.Pattern)]
    private static partial Regex AnyUri();

    private static Member[] MembersOf(Type type) => [.. Json.Options.GetTypeInfo(type).Properties.Select(MemberOf)];

    private static Member MemberOf(JsonPropertyInfo member) =>
        new(
            member.Name,
            Encoding.UTF8.GetBytes(member.Name),
            member.IsRequired,
            !member.IsRequired && member.IsSetNullable,
            CheckOf(Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType, Facets.Of(member))
        );

    /// <summary>Adds what is wrong inside a value, with pointers that begin in it, and answers what is wrong with all of it.</summary>
    private delegate string? ValueCheck(JsonElement value, List<FieldError> errors);

    private sealed record Member(string Name, byte[] Utf8Name, bool IsRequired, bool MayBeNull, ValueCheck Check);

    private sealed record Facets(
        TextAttribute? Text,
        Regex? Pattern,
        BoundsAttribute? Bounds,
        UriAttribute? Uri,
        bool TimeZone,
        bool Country,
        bool TimeOfDay
    )
    {
        public static Facets Of(JsonPropertyInfo member)
        {
            var text = Attribute<TextAttribute>(member);
            return new Facets(
                text,
                text?.Pattern is { } pattern ? new Regex(pattern) : null,
                Attribute<BoundsAttribute>(member),
                Attribute<UriAttribute>(member),
                Attribute<TimeZoneAttribute>(member) is not null,
                Attribute<CountryAttribute>(member) is not null,
                Attribute<TimeOfDayAttribute>(member) is not null
            );
        }

        private static T? Attribute<T>(JsonPropertyInfo member)
            where T : Attribute => member.AttributeProvider?.GetCustomAttributes(typeof(T), inherit: true).OfType<T>().FirstOrDefault();
    }

    /// <summary>Reads the name of a time zone as IANA spells it.</summary>
    private sealed class SpelledZone : JsonConverter<string>
    {
        public static void OfMembers(JsonTypeInfo type)
        {
            foreach (var member in type.Properties.Where(IsTimeZone))
                member.CustomConverter = new SpelledZone();
        }

        private static bool IsTimeZone(JsonPropertyInfo member) =>
            member.AttributeProvider?.IsDefined(typeof(TimeZoneAttribute), inherit: true) == true;

        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetString() is { } name ? TimeZones.Spelled(NormalForm.OfLine(name)) ?? name : null;

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
    }
}
