using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests;

/// <summary>An OpenID provider in a process of its own; started again, it has the same issuer and other keys.</summary>
public sealed class IdentityProvider : IAsyncDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
    private readonly int _tokenSeconds;
    private Process? _process;

    private IdentityProvider(int port, int tokenSeconds)
    {
        _tokenSeconds = tokenSeconds;
        Issuer = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/");
    }

    public string Issuer { get; }

    /// <param name="tokenSeconds">How long its tokens are good for.</param>
    public static async Task<IdentityProvider> Start(int tokenSeconds = 300)
    {
        var provider = new IdentityProvider(FreePort.Find(), tokenSeconds);
        await provider.Run();
        return provider;
    }

    /// <summary>The provider with other keys.</summary>
    public async Task ChangeKeys()
    {
        Stop();
        await Run();
    }

    /// <summary>A token for a client with these roles.</summary>
    /// <param name="critical">An extension that its header says must be understood; none where empty.</param>
    public async Task<string> Token(string client, string roles, string audience = "register", string critical = "")
    {
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = client,
                ["client_secret"] = "any",
                ["roles"] = roles,
                ["service"] = audience,
                ["critical"] = critical,
            }
        );
        using var answer = await _client.PostAsync(new Uri(Issuer + "token"), form);
        var body = await answer.Content.ReadAsStringAsync();
        answer.IsSuccessStatusCode.ShouldBeTrue(body);
        return JsonNode.Parse(body)!["access_token"]!.GetValue<string>();
    }

    /// <summary>The identity token of somebody who signs in at a client of the provider.</summary>
    public async Task<string> IdentityToken(string client, string user, string roles)
    {
        var (verifier, there) = (new string('v', 43), "http://localhost/there");
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        using var stays = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
        using var sent = await stays.GetAsync(
            new Uri(
                $"{Issuer}authorize?response_type=code&scope=openid&client_id={client}&redirect_uri={Uri.EscapeDataString(there)}"
                    + $"&code_challenge_method=S256&code_challenge={challenge}&user={user}&roles={Uri.EscapeDataString(roles)}"
            )
        );
        var code = HttpUtility.ParseQueryString(sent.Headers.Location!.Query)["code"]!;
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string>
            {
                ["grant_type"] = "authorization_code",
                ["client_id"] = client,
                ["client_secret"] = "any",
                ["code"] = code,
                ["code_verifier"] = verifier,
                ["redirect_uri"] = there,
            }
        );
        using var answer = await _client.PostAsync(new Uri(Issuer + "token"), form);
        var body = await answer.Content.ReadAsStringAsync();
        answer.IsSuccessStatusCode.ShouldBeTrue(body);
        return JsonNode.Parse(body)!["id_token"]!.GetValue<string>();
    }

    /// <summary>The id of the key that the provider signs with now.</summary>
    public async Task<string> KeyId()
    {
        var configuration = JsonNode.Parse(await _client.GetStringAsync(new Uri(Issuer + ".well-known/openid-configuration")))!;
        return JsonNode.Parse(await _client.GetStringAsync(new Uri(configuration["jwks_uri"]!.GetValue<string>())))!["keys"]![0]![
            "kid"
        ]!.GetValue<string>();
    }

    public ValueTask DisposeAsync()
    {
        Stop();
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task Run()
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var program = Path.Combine(
            Repository.Root,
            "tests",
            "CooperationEvents.IdentityProvider",
            "bin",
            configuration,
            "net10.0",
            "CooperationEvents.IdentityProvider.dll"
        );
        var start = new ProcessStartInfo("dotnet", [program]) { RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["ASPNETCORE_URLS"], start.Environment["Issuer"]) = (Issuer, Issuer);
        start.Environment["TokenSeconds"] = _tokenSeconds.ToString(CultureInfo.InvariantCulture);
        _process = Process.Start(start)!;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Wait.Until("the OpenID provider to be ready", async () =>
        {
            try
            {
                return await _client.GetStringAsync(new Uri(Issuer + "ready")) == "ready";
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
    }

    private void Stop()
    {
        if (_process is null)
            return;
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }
}
