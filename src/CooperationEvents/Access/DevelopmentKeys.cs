using System.Text.Json;

namespace CooperationEvents.Access;

/// <summary>The keys of Development, one a role: made at first start, kept in <c>dev-keys.json</c> for its owner alone.</summary>
public static class DevelopmentKeys
{
    public const string FileName = "dev-keys.json";

    public static async Task<IReadOnlyDictionary<string, string>> Ensure(string dataDirectory, ApiKeys keys, CancellationToken cancellation)
    {
        Directory.CreateDirectory(dataDirectory);
        var path = Path.Combine(dataDirectory, FileName);
        if (!File.Exists(path))
            Write(path, Scopes.Roles.Keys.ToDictionary(role => role, _ => ApiKeys.NewKey()));
        var made = JsonSerializer.Deserialize<Dictionary<string, string>>(await File.ReadAllTextAsync(path, cancellation))
            ?? throw new InvalidOperationException($"{path} holds no keys. Delete it; new ones are made at the next start.");
        foreach (var (role, scopes) in Scopes.Roles)
            await keys.Add(made[role], scopes, cancellation);
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
        File.Move(draft, path);
    }
}
