namespace CooperationEvents.Kernel;

/// <summary>How a trait is compared.</summary>
public enum TraitForm
{
    /// <summary>As it is written, whatever its capitals.</summary>
    Text,

    /// <summary>As an address of mail, in any of its spellings.</summary>
    Mail,

    /// <summary>
    /// By the moment that a local time and its zone name, which stand behind the rest of the text, each after a blank. Earlier versions did
    /// not note it.
    /// </summary>
    Moment,

    /// <summary>By the words of a name, in their order.</summary>
    Name,

    /// <summary>By the words of a person's name, in any order; and found by each of them.</summary>
    PersonName,
}

/// <summary>
/// What a record has that another of its kind may have too: its name, an identifier, its days. It is kept as a keyed digest.
/// </summary>
/// <param name="Field">What it is, in a word that never changes: two records are compared by traits of one field.</param>
/// <param name="Why">Why two records that have it may be one, in words; null where the record is only to be found by it.</param>
public sealed record Trait(string Field, string? Why, TraitForm Form, string? Plain, SealedField? Sealed = null)
{
    /// <summary>The texts that stand for it, given its plain text: first for the whole, then for each word or other form.</summary>
    public static IReadOnlyList<string> Values(TraitForm form, string text) =>
        form switch
        {
            TraitForm.Mail => MailAddress.Forms(text),
            TraitForm.Name => OfName(NormalForm.Words(text)),
            TraitForm.PersonName => OfPerson(NormalForm.Words(text)),
            _ => [NormalForm.OfLine(text).ToLowerInvariant()],
        };

    /// <summary>
    /// The texts under which the same plain text may be noted beside those of <see cref="Values"/>, in their order; none where it may not
    /// be noted at all.
    /// </summary>
    public static IReadOnlyList<string> EarlierValues(TraitForm form, string text) =>
        form switch
        {
            TraitForm.Name => OfName(NormalForm.EarlierWords(text)),
            TraitForm.PersonName => OfPerson(NormalForm.EarlierWords(text)),
            TraitForm.Moment => [],
            _ => Values(form, text),
        };

    private static IReadOnlyList<string> OfName(IReadOnlyList<string> words) => [string.Join(' ', words)];

    private static IReadOnlyList<string> OfPerson(IReadOnlyList<string> words) =>
        [string.Join(' ', words.Order(StringComparer.Ordinal)), .. words.Distinct()];
}

/// <summary>A state by whose traits two records may be found to be one.</summary>
public interface IHaveTraits
{
    /// <summary>The traits it has, with those it has on some days only.</summary>
    IEnumerable<Trait> Traits { get; }

    /// <summary>The traits it has on that day, and those it is known to have later.</summary>
    IEnumerable<Trait> TraitsFrom(DateOnly day) => Traits;
}
