namespace CooperationEvents.AuditLog;

/// <summary>
/// What a log states of itself (C2SP tlog-checkpoint): with so many leaves its tree has this root. Three lines, signed as a
/// note; extension lines are refused.
/// </summary>
public sealed record Checkpoint(string Origin, long Size, Digest Root)
{
    /// <summary>The origin of a log at a URL: the URL without scheme and final slash.</summary>
    /// <exception cref="ArgumentException">Not an http or https URL without query and fragment, or one with a character no key name may
    /// hold.</exception>
    public static string OriginOf(string url)
    {
        const string Separator = "://";
        var at = url.IndexOf(Separator, StringComparison.Ordinal);
        if (
            !Uri.TryCreate(url, UriKind.Absolute, out var uri)
            || at < 0
            || uri.Scheme is not ("http" or "https")
            || uri.Query.Length + uri.Fragment.Length + uri.UserInfo.Length > 0
        )
        {
            throw new ArgumentException($"'{url}' is not the URL of a log: expected https://host/path.", nameof(url));
        }

        var origin = url[(at + Separator.Length)..];
        origin = origin.EndsWith('/') ? origin[..^1] : origin;
        return VerifierKey.IsName(origin)
            ? origin
            : throw new ArgumentException(
                $"'{origin}' cannot be an origin: it holds a space, a plus sign or a control character.",
                nameof(url)
            );
    }

    /// <summary>The text that is signed.</summary>
    public string ToText() => $"{Origin}\n{PlainNumber.Of(Size)}\n{Root.ToBase64()}\n";

    /// <summary>Signs it with every key given: both keys where one takes over from another.</summary>
    /// <exception cref="ArgumentException">A key whose name is not the origin.</exception>
    public SignedNote Sign(params IReadOnlyList<SigningKey> keys) =>
        keys.All(k => k.Verifier.Name == Origin)
            ? SignedNote.Sign(ToText(), keys)
            : throw new ArgumentException($"The name of a key that signs is the origin, {Origin}.", nameof(keys));

    /// <summary>Reads the text of a note.</summary>
    /// <exception cref="FormatException">Says what is wrong with it.</exception>
    public static Checkpoint Parse(string text)
    {
        if (!text.EndsWith('\n') || text[..^1].Split('\n') is not [var origin, var size, var root])
            throw new FormatException("A checkpoint has three lines: origin, size and root.");
        if (!VerifierKey.IsName(origin))
            throw new FormatException($"'{origin}' is no origin.");
        if (!PlainNumber.TryParse(size, out var leaves))
            throw new FormatException($"'{size}' is no size of a tree.");
        if (!Digest.TryParse(root, out var digest))
            throw new FormatException($"'{root}' is no root: expected the base64 of 32 bytes.");
        if (leaves == 0 && digest != MerkleTree.EmptyRoot)
            throw new FormatException("The root of a tree without leaves is the hash of nothing.");
        return new Checkpoint(origin, leaves, digest);
    }
}
