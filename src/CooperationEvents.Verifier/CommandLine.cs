using System.Globalization;

namespace CooperationEvents.Verifier;

/// <summary>What the command was asked to do.</summary>
/// <param name="Counted">Where the subject is a publication: the export it is counted from.</param>
/// <param name="Witnesses">How many witnesses must have cosigned; null where the auditor relies on none.</param>
/// <param name="Previous">An export the auditor kept.</param>
/// <param name="State">Where a watch keeps what it saw.</param>
/// <param name="Every">How often a watch looks.</param>
/// <param name="Consistency">The answer of <c>/v1/audit/log/consistency</c> between a kept checkpoint and that of a proof.</param>
public sealed record CommandLine(
    string Verb,
    string Subject,
    string? Counted,
    string Keys,
    string? Entry,
    IReadOnlyList<string> Checkpoints,
    int? Witnesses,
    string? Previous,
    string? Consistency,
    string? State,
    TimeSpan Every,
    bool IsQuiet
)
{
    public const string Help = """
        Checks that the history of a register was not altered, without its database.

          cooperation-verify export <directory | export.tar> --keys <file> [--checkpoints <file>]…
                                    [--witnesses <number>] [--previous <export>] [--quiet]
          cooperation-verify proof <file.tlog-proof> --entry <file> --keys <file> [--checkpoints <file>]…
                                    [--consistency <file>] [--witnesses <number>]
          cooperation-verify publication <file> --keys <file> [--checkpoints <file>]…
                                    [--consistency <file>] [--witnesses <number>]
          cooperation-verify watch <URL of the register> --state <directory> --keys <file> [--every <seconds>]
          cooperation-verify figure <publication id> <directory | export.tar> [--quiet]

        export  holds a whole export to the signatures of the log: every entry, tile and checkpoint, the
                order of each stream, and the succession of logs. What is wrong is named by index and id.
        proof   holds one entry to its proof.
        publication  holds the proof of a published figure to the log: the publication, every event of its
                evidence, and that the counts are theirs.
        watch   follows the checkpoints of a running register: each must be signed and begin with the one
                before. It keeps them, and ends with 1 and the evidence where one does not fit.
        figure  counts a published figure again from the entries of an export alone, by the definition it
                names: figure, sentence and evidence. Hold the export to the log with 'export' as well.

          --keys <file>         the keys you trust, one a line: name+hash+base64, or a line of the log's
                                keys. Get them, and keep them, apart from the export: whoever alters an
                                export can also put keys of his own into it. Keys of witnesses may follow.
          --checkpoints <file>  checkpoints you kept, or got from a witness or from the store outside the
                                database: one note, or lines of JSON {"size","note"}. May be repeated.
          --witnesses <number>  so many of the witnesses whose keys you gave must have cosigned
          --previous <export>   an export you kept: what it holds must be in this one, unaltered
          --consistency <file>  the log's proof of consistency between your checkpoint and that of the proof
          --state <directory>   where a watch keeps what it saw; --every is 60 seconds where absent
          --entry <file>        the entry as it stands in entries.ndjson
          --quiet               no progress

        Ends with
          0  everything holds, against a checkpoint you kept or the witnesses you rely on; or the figure
             is what the entries give
          1  something is wrong, and is named
          2  the command makes no sense
          3  the files cannot be read, or are no export
          4  it is consistent with itself and your keys, and nothing from outside was held against it
          5  what is there holds, and a recovery admits that entries were lost
        Findings and the verdict go to standard output, progress to standard error.
        """;

    private static readonly string[] WithValue =
    [
        "--keys",
        "--checkpoints",
        "--entry",
        "--witnesses",
        "--previous",
        "--consistency",
        "--state",
        "--every",
    ];

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
                case var option when WithValue.Contains(option):
                    if (i + 1 == arguments.Count)
                        throw new ArgumentException($"{option} needs a value.");
                    options.TryAdd(option, []);
                    options[option].Add(arguments[++i]);
                    break;
                case ['-', ..]:
                    throw new ArgumentException($"There is no option {arguments[i]}.");
                default:
                    words.Add(arguments[i]);
                    break;
            }
        }

        if (words is ["figure", var publication, var from] && options.Count == 0 && Guid.TryParse(publication, out _))
            return new CommandLine("figure", publication, from, "", null, [], null, null, null, null, default, isQuiet);
        if (words is not ["export" or "proof" or "publication" or "watch", _])
            throw new ArgumentException(
                "Say what to check: export <directory or tar file>, proof <file>, publication <file>, watch <URL>, or figure <id of a "
                    + "publication> <directory or tar file>."
            );
        if (One(options, "--keys") is not { } keys)
            throw new ArgumentException("Give the keys you trust, with --keys <file>.");
        var command = new CommandLine(
            words[0],
            words[1],
            null,
            keys,
            One(options, "--entry"),
            options.GetValueOrDefault("--checkpoints") ?? [],
            ReadNumber("--witnesses", One(options, "--witnesses")),
            One(options, "--previous"),
            One(options, "--consistency"),
            One(options, "--state"),
            TimeSpan.FromSeconds(ReadNumber("--every", One(options, "--every")) ?? 60),
            isQuiet
        );
        if (
            (command.Verb == "watch") != (command.State is not null)
            || (command.Verb == "watch" && !Uri.TryCreate(command.Subject, UriKind.Absolute, out _))
        )
            throw new ArgumentException("A watch needs the URL of the register, and --state <directory>.");
        if (
            (command.Verb == "proof" && command.Entry is null)
            || (command.Verb != "proof" && command.Entry is not null)
            || (command.Verb == "export" ? command.Consistency : command.Previous) is not null
        )
            throw new ArgumentException(
                "A proof needs --entry <file>; --previous is for an export, and --consistency for a proof or a publication."
            );
        if (command is { Consistency: not null, Checkpoints.Count: 0 })
            throw new ArgumentException("--consistency ties a checkpoint that you kept to the proof: give it with --checkpoints <file>.");
        return command;
    }

    private static int? ReadNumber(string option, string? text)
    {
        if (text is null)
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new ArgumentException($"{option} needs a number from 1.");
    }

    private static string? One(Dictionary<string, List<string>> options, string name) =>
        options.GetValueOrDefault(name) switch
        {
            null => null,
            [var value] => value,
            _ => throw new ArgumentException($"{name} is given twice."),
        };
}
