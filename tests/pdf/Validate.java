import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.Profiles;
import org.verapdf.pdfa.validation.profiles.ValidationProfile;

/**
 * Validates each PDF that a line of the standard input names against PDF/A-3a and PDF/UA-1, until the input ends; answers
 * with one line per file and profile, "pass" or the rules broken. Starting takes longer than validating, so it stays.
 */
public class Validate {
    private static final String[] PROFILES = {"PDFA-3A", "PDFUA-1"};

    public static void main(String[] arguments) throws Exception {
        LogManager.getLogManager().reset();
        Logger.getLogger("").setLevel(Level.OFF);
        VeraGreenfieldFoundryProvider.initialise();
        BufferedReader asked = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String path = asked.readLine(); path != null; path = asked.readLine()) {
            for (String name : PROFILES) {
                System.out.println(path + "\t" + name + "\t" + validate(Path.of(path), profile(name)));
            }
        }
    }

    private static ValidationProfile profile(String name) throws Exception {
        try (InputStream xml = Validate.class.getResourceAsStream("/org/verapdf/pdfa/validation/" + name + ".xml")) {
            return Profiles.profileFromXml(xml);
        }
    }

    private static String validate(Path path, ValidationProfile profile) throws Exception {
        try (InputStream in = Files.newInputStream(path);
                PDFAParser parser = Foundries.defaultInstance().createParser(in, profile.getPDFAFlavour());
                PDFAValidator validator = Foundries.defaultInstance().createValidator(profile, false)) {
            ValidationResult result = validator.validate(parser);
            Set<String> broken = new TreeSet<>();
            for (TestAssertion assertion : result.getTestAssertions()) {
                broken.add(assertion.getRuleId().getClause() + "-" + assertion.getRuleId().getTestNumber()
                        + " " + assertion.getMessage());
            }
            if (result.getTotalAssertions() == 0) {
                return "fail: nothing was checked";
            }
            return result.isCompliant() && broken.isEmpty() ? "pass" : "fail: " + String.join("; ", broken);
        }
    }
}
