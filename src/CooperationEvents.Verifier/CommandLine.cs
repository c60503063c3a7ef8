namespace CooperationEvents.Verifier;

/// <summary>What the command was asked to do.</summary>
public sealed record CommandLine(string Verb, string Subject, string Keys, string? Entry, IReadOnlyList<string> Checkpoints, bool IsQuiet)
{
    public const string Help = """
        Checks that the history of a register was not altered, without its database.

          cooperation-verify export <directory | export.tar> --keys <file> [--checkpoints <file>]… [--quiet]
          cooperation-verify proof <file.tlog-proof> --entry <file> --keys <file>

        export  holds a whole export to the signatures of the log: every entry, tile and checkpoint, the
                order of each stream, and the succession of logs. What is wrong is named by index and id.
        proof   holds one entry to its proof.

          --keys <file>         the keys you trust, one a line: name+hash+base64, or a line of the log's
                                keys. Get them, and keep them, apart from the export: whoever alters an
                                export can also put keys of his own into it. Keys of witnesses may follow.
          --checkpoints <file>  checkpoints you kept, or got from a witness or from the store outside the
                                database: one note, or lines of JSON {"size","note"}. May be repeated.
          --entry <file>        the entry as it stands in entries.ndjson
          --quiet               no progress

        Ends with 0 where everything holds, 1 where something does not, 2 where the command makes no
        sense, 3 where the files cannot be read. Findings and the verdict go to standard output,
        progress to standard error.
        """;

    /// <exception cref="ArgumentException">Says what is wrong with the command.</exception>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        var options = new Dictionary<string, List<string>>();
        var words = new List<string>();
        var isQuiet = false;
        for (var i = 0; i < arguments.Count; i++)
        {
            switch (arguments[i])
            {
                case "--quiet":
                    isQuiet = true;
                    break;
                case "--keys" or "--checkpoints" or "--entry" when i + 1 == arguments.Count:
                    throw new ArgumentException($"{arguments[i]} needs a file.");
                case "--keys" or "--checkpoints" or "--entry":
                    options.TryAdd(arguments[i], []);
                    options[arguments[i]].Add(arguments[++i]);
                    break;
                case ['-', ..]:
                    throw new ArgumentException($"There is no option {arguments[i]}.");
                default:
                    words.Add(arguments[i]);
                    break;
            }
        }

        if (words is not ["export" or "proof", _])
            throw new ArgumentException("Say what to check: export <directory or tar file>, or proof <file>.");
        if (One(options, "--keys") is not { } keys)
            throw new ArgumentException("Give the keys you trust, with --keys <file>.");
        var entry = One(options, "--entry");
        var checkpoints = options.GetValueOrDefault("--checkpoints") ?? [];
        if (words[0] == "proof" ? entry is null || checkpoints.Count > 0 : entry is not null)
            throw new ArgumentException("A proof needs --entry <file> and takes no --checkpoints; an export takes no --entry.");
        return new CommandLine(words[0], words[1], keys, entry, checkpoints, isQuiet);
    }

    private static string? One(Dictionary<string, List<string>> options, string name) => options.GetValueOrDefault(name) switch
    {
        null => null,
        [var value] => value,
        _ => throw new ArgumentException($"{name} is given twice."),
    };
}
