using System.Text.Json;
using CooperationEvents.Authorization;

namespace CooperationEvents.Authentication;

/// <summary>
/// The keys of Development, one a role: made at first start, kept in <c>dev-keys.json</c> for its owner alone. Where that is deleted,
/// the next start makes new ones and ends the old.
/// </summary>
public static class DevelopmentKeys
{
    public const string FileName = "dev-keys.json";

    private static readonly string[] Roles = ["recorder", "secretariat", "analyst", "auditor", "privacy", "admin"];

    public static async Task<IReadOnlyDictionary<string, string>> Ensure(string dataDirectory, ApiKeys keys, CancellationToken cancellation)
    {
        Directory.CreateDirectory(dataDirectory);
        var path = Path.Combine(dataDirectory, FileName);
        if (!File.Exists(path))
            Write(path, Roles.ToDictionary(role => role, _ => ApiKeys.NewKey()));
        var made = JsonSerializer.Deserialize<Dictionary<string, string>>(await File.ReadAllTextAsync(path, cancellation))
            ?? throw new InvalidOperationException($"{path} holds no keys. Delete it; new ones are made at the next start.");
        if (Roles.Except(made.Keys).ToList() is { Count: > 0 } missing)
        {
            // Of an earlier version, which knew fewer roles.
            foreach (var role in missing)
                made[role] = ApiKeys.NewKey();
            Write(path, made);
        }

        foreach (var role in Roles)
            await keys.AddDevelopment(role, made[role], Scopes.Roles[role], cancellation);
        keys.Forget();
        return made;
    }

    private static void Write(string path, Dictionary<string, string> keys)
    {
        // Renamed into place, so that a start killed half way leaves no half file.
        var draft = path + ".new";
        File.Delete(draft);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(draft, options))
            JsonSerializer.Serialize(stream, keys, JsonSerializerOptions.Web);
        File.Move(draft, path, overwrite: true);
    }
}
