// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SSTORE2} from "solady/utils/SSTORE2.sol";
import {LibString} from "solady/utils/LibString.sol";
import {IERC7007} from "./interfaces/IERC7007.sol";
import {IERC7007Enumerable} from "./interfaces/IERC7007Enumerable.sol";
import {IHalo2Verifier} from "./interfaces/IHalo2Verifier.sol";
import {Metadata} from "./Metadata.sol";
import {Pose} from "./Pose.sol";
import {Statement} from "./Statement.sol";

/// @title A collection of images that one committed network painted
/// @notice ERC-721 with ERC-7007 (Final text) and its enumeration extension. A token exists only if a proof was checked in the
/// transaction that minted it: that the network behind `modelCommitment` makes `aigcData` from the latent in `prompt`, made for this
/// chain, this collection and this creator. Prompt and image are kept on chain exactly as they were proven.
/// @dev Verifier, verifying key and model are fixed at construction and there is no way to change them.
contract PentimentoCollection is ERC721, ReentrancyGuardTransient, IERC7007Enumerable {
    /// @param verifier Contract with `IHalo2Verifier`; must have code.
    /// @param vk Contract whose code is the verifying key; must have code.
    /// @param vkCodeHash keccak256 of that code; checked here and before every verification.
    /// @param modelCommitment Commitment to weights, shifts and palette (book/formats.md, section 2); not zero.
    /// @param latentLength Bytes of the latent, 1..1024.
    /// @param width Image width in pixels, a multiple of 8 in 8..128.
    /// @param height Image height in pixels, 1..128.
    /// @param scale How often display repeats a pixel in both directions, 1..64.
    /// @param palette 16 colours, 3 bytes each: 48 bytes.
    struct Config {
        string name;
        string symbol;
        address verifier;
        address vk;
        bytes32 vkCodeHash;
        bytes32 modelCommitment;
        uint256 latentLength;
        uint256 width;
        uint256 height;
        uint256 scale;
        bytes palette;
    }

    IHalo2Verifier public immutable verifier;
    address public immutable vk;
    bytes32 public immutable vkCodeHash;
    bytes32 public immutable modelCommitment;
    uint256 public immutable latentLength;
    uint256 public immutable width;
    uint256 public immutable height;
    uint256 public immutable scale;

    bytes32 private immutable _paletteHead;
    bytes16 private immutable _paletteTail;

    /// @dev Contract whose code is a zero byte, then prompt, image and creator of a token. A few thousand gas a token are saved
    /// by keeping the creator there and not in a slot of its own.
    mapping(uint256 tokenId => address) private _pointers;

    /// @notice The token of an image, by keccak256 of `aigcData` followed by the pose byte; 0 when there is none.
    /// @dev Both parts have fixed lengths, so no two different images have the same preimage.
    mapping(bytes32 imageHash => uint256) public tokenOfImage;

    /// @notice A token was minted after its proof was verified.
    /// @param promptHash keccak256 of the prompt: `tokenId` as bytes.
    /// @param imageHash keccak256 of `aigcData` followed by the pose byte.
    /// @param pointer Contract that holds prompt, image and creator after one zero byte.
    event Minted(
        uint256 indexed tokenId, address indexed creator, bytes32 promptHash, bytes32 indexed imageHash, address pointer
    );

    error VerifierHasNoCode(address verifier);
    error VkCodeHashMismatch(bytes32 expected, bytes32 actual);
    error ModelCommitmentMissing();
    error LatentLengthOutOfRange(uint256 latentLength);
    error ImageSizeOutOfRange(uint256 width, uint256 height, uint256 scale);
    error PaletteLengthMismatch(uint256 expected, uint256 actual);
    error TextNotUtf8();
    /// @notice Prompt, image or envelope have a wrong length or a value out of range.
    error MalformedStatement(Statement.Fault fault);
    /// @notice The proof names another creator than the one who may use it here.
    error CreatorMismatch(address expected, address actual);
    error AlreadyMinted(uint256 tokenId);
    /// @notice Another prompt has already been minted with the same image in the same pose.
    error ImageTaken(bytes32 imageHash, uint256 tokenId);
    error InvalidProof();
    /// @notice `prompt` or `aigcData` are not those of the token.
    error TokenDataMismatch(uint256 tokenId);
    /// @notice The verifier ran out of gas, so the proof is neither valid nor invalid.
    error InsufficientGas();

    constructor(Config memory config) ERC721(config.name, config.symbol) {
        if (config.verifier.code.length == 0) revert VerifierHasNoCode(config.verifier);
        // An account without code has the code hash zero or that of empty bytes; neither is a verifying key.
        bytes32 codeHash = config.vk.code.length == 0 ? bytes32(0) : config.vk.codehash;
        if (codeHash != config.vkCodeHash || codeHash == 0) revert VkCodeHashMismatch(config.vkCodeHash, codeHash);
        if (config.modelCommitment == 0) revert ModelCommitmentMissing();
        if (config.latentLength == 0 || config.latentLength > 1024) revert LatentLengthOutOfRange(config.latentLength);
        // 128 x 128 pixels, the longest latent and the creator stay far below the code size limit of 24576 bytes. The width is
        // a multiple of 8, so that a row of packed pixels is a whole number of 4-byte BMP words.
        if (
            config.width == 0 || config.width > 128 || config.width % 8 != 0 || config.height == 0 || config.height > 128
                || config.scale == 0 || config.scale > 64
        ) revert ImageSizeOutOfRange(config.width, config.height, config.scale);
        if (config.palette.length != 48) revert PaletteLengthMismatch(48, config.palette.length);
        if (!Metadata.isUtf8(config.name) || !Metadata.isUtf8(config.symbol)) revert TextNotUtf8();

        verifier = IHalo2Verifier(config.verifier);
        vk = config.vk;
        vkCodeHash = config.vkCodeHash;
        modelCommitment = config.modelCommitment;
        latentLength = config.latentLength;
        width = config.width;
        height = config.height;
        scale = config.scale;
        bytes memory colours = config.palette;
        bytes32 head;
        bytes16 tail;
        // Memory safe: reads bytes 0..47 of `colours`, whose length is 48; the cleaned second word keeps bytes 32..47 only.
        assembly ("memory-safe") {
            head := mload(add(colours, 0x20))
            tail := shl(128, shr(128, mload(add(colours, 0x40))))
        }
        _paletteHead = head;
        _paletteTail = tail;
    }

    // Minting

    /// @notice Verifies the proof and mints `tokenId(prompt_)` to the caller, who must be the creator named in the envelope.
    /// @param prompt_ Latent bytes, each in 0..127, then the pose byte in 0..125: `latentLength + 1` bytes.
    /// @param aigcData_ The decoder's image before the pose, two palette indices a byte: `width * height / 2` bytes.
    /// @param proof Envelope: the creator's address (20 bytes), then the halo2 proof.
    /// @return id The token.
    /// @dev Uniqueness is by prompt and by image, never by proof: halo2 proofs are blinded, so one statement has many.
    function mint(bytes calldata prompt_, bytes calldata aigcData_, bytes calldata proof)
        external
        nonReentrant
        returns (uint256 id)
    {
        Statement.Fault fault = _check(prompt_, aigcData_, proof);
        if (fault != Statement.Fault.None) revert MalformedStatement(fault);
        (address creator_, bytes calldata halo2Proof) = Statement.open(proof);
        if (creator_ != msg.sender) revert CreatorMismatch(msg.sender, creator_);
        bytes32 promptHash = keccak256(prompt_);
        id = uint256(promptHash);
        if (_pointers[id] != address(0)) revert AlreadyMinted(id);
        bytes32 imageHash = keccak256(bytes.concat(aigcData_, prompt_[latentLength]));
        if (tokenOfImage[imageHash] != 0) revert ImageTaken(imageHash, tokenOfImage[imageHash]);
        if (!_isProven(prompt_, aigcData_, creator_, halo2Proof)) revert InvalidProof();

        address pointer = SSTORE2.write(bytes.concat(prompt_, aigcData_, bytes20(creator_)));
        _pointers[id] = pointer;
        tokenOfImage[imageHash] = id;
        emit AigcData(id, prompt_, aigcData_, proof);
        emit Minted(id, creator_, promptHash, imageHash, pointer);
        // Last, because a receiver that is a contract is called: the token is complete and recorded by then.
        _safeMint(creator_, id);
    }

    /// @inheritdoc IERC7007
    /// @dev The data of a token never change. This call emits `AigcData` again for a token that exists, with a proof of the same
    /// statement: same prompt, same image, same creator. ERC-7007 leaves open who may call it; here anyone who holds such a proof,
    /// because the log can then repeat only what is recorded. The creator's address in the envelope must be the recorded one, so
    /// that nobody can attach a proof of their own to another's token.
    function addAigcData(uint256 tokenId_, bytes calldata prompt_, bytes calldata aigcData_, bytes calldata proof) external {
        _requireOwned(tokenId_);
        Statement.Fault fault = _check(prompt_, aigcData_, proof);
        if (fault != Statement.Fault.None) revert MalformedStatement(fault);
        (bytes memory ownPrompt, bytes memory ownData, address ownCreator) = _record(tokenId_);
        if (keccak256(prompt_) != keccak256(ownPrompt) || keccak256(aigcData_) != keccak256(ownData)) {
            revert TokenDataMismatch(tokenId_);
        }
        (address creator_, bytes calldata halo2Proof) = Statement.open(proof);
        if (creator_ != ownCreator) revert CreatorMismatch(ownCreator, creator_);
        if (!_isProven(prompt_, aigcData_, creator_, halo2Proof)) revert InvalidProof();
        emit AigcData(tokenId_, prompt_, aigcData_, proof);
    }

    // Verification

    /// @inheritdoc IERC7007
    /// @dev True only for a proof made for this chain, this collection and the creator in the envelope, whoever calls and whether
    /// minted or not. Bytes of wrong length or out of range are false; only a lack of gas reverts. Give the call ample gas: a
    /// verifier that answers false because its own precompile calls ran short cannot be told from one that found a false proof.
    function verify(bytes calldata prompt_, bytes calldata aigcData_, bytes calldata proof)
        external
        view
        returns (bool success)
    {
        if (_check(prompt_, aigcData_, proof) != Statement.Fault.None) return false;
        (address creator_, bytes calldata halo2Proof) = Statement.open(proof);
        return _isProven(prompt_, aigcData_, creator_, halo2Proof);
    }

    /// @notice The instances that a proof by `creator_` must have, each below 2^248.
    function instancesOf(bytes calldata prompt_, bytes calldata aigcData_, address creator_)
        external
        view
        returns (uint256[] memory)
    {
        Statement.Fault fault = Statement.check(prompt_, aigcData_, latentLength, _aigcDataLength());
        if (fault != Statement.Fault.None) revert MalformedStatement(fault);
        return Statement.instances(prompt_, aigcData_, block.chainid, address(this), creator_);
    }

    // What is recorded

    /// @inheritdoc IERC7007Enumerable
    function tokenId(bytes calldata prompt_) external pure returns (uint256) {
        return uint256(keccak256(prompt_));
    }

    /// @inheritdoc IERC7007Enumerable
    /// @dev `0x` and hexadecimal digits, because a latent is seldom valid UTF-8.
    function prompt(uint256 tokenId_) external view returns (string memory) {
        (bytes memory prompt_,,) = _record(tokenId_);
        return LibString.toHexString(prompt_);
    }

    /// @notice The proven image of a token, before its pose: two palette indices a byte.
    function aigcData(uint256 tokenId_) external view returns (bytes memory data) {
        (, data,) = _record(tokenId_);
    }

    /// @notice The pose byte of a token, 0..125.
    function pose(uint256 tokenId_) external view returns (uint8) {
        return uint8(_poseOf(tokenId_));
    }

    /// @notice The address for which a token's proof was made; it never changes.
    function creator(uint256 tokenId_) external view returns (address creator_) {
        (,, creator_) = _record(tokenId_);
    }

    /// @notice The picture of a token after its pose: one palette index 0..15 a byte, `width * height` of them, row-major.
    function index(uint256 tokenId_) external view returns (bytes memory) {
        (, bytes memory data,) = _record(tokenId_);
        return Pose.posed(data, width, height, _poseOf(tokenId_));
    }

    /// @notice 16 colours, 3 bytes each.
    function palette() public view returns (bytes memory) {
        return bytes.concat(_paletteHead, _paletteTail);
    }

    /// @inheritdoc ERC721
    /// @dev A `data:` URI made from the proven bytes; nothing is stored outside the chain.
    function tokenURI(uint256 tokenId_) public view override returns (string memory) {
        (bytes memory prompt_, bytes memory data, address creator_) = _record(tokenId_);
        return Metadata.uri(
            Metadata.Token({
                collectionName: name(),
                id: tokenId_,
                prompt: prompt_,
                aigcData: data,
                creator: creator_,
                modelCommitment: modelCommitment,
                width: width,
                height: height,
                scale: scale,
                palette: palette()
            })
        );
    }

    /// @inheritdoc ERC721
    function supportsInterface(bytes4 interfaceId) public view override(ERC721, IERC165) returns (bool) {
        return interfaceId == type(IERC7007).interfaceId || interfaceId == type(IERC7007Enumerable).interfaceId
            || super.supportsInterface(interfaceId);
    }

    // Internals

    function _aigcDataLength() private view returns (uint256) {
        return width * height / 2;
    }

    function _check(bytes calldata prompt_, bytes calldata aigcData_, bytes calldata proof)
        private
        view
        returns (Statement.Fault)
    {
        // An envelope without proof bytes proves nothing; the exact proof length is the verifier's business.
        if (proof.length <= Statement.CREATOR_BYTES) return Statement.Fault.ProofLength;
        return Statement.check(prompt_, aigcData_, latentLength, _aigcDataLength());
    }

    /// @dev `_check` must have passed. False unless the pinned verifier answers with exactly one word that is 1.
    function _isProven(bytes calldata prompt_, bytes calldata aigcData_, address creator_, bytes calldata halo2Proof)
        private
        view
        returns (bool)
    {
        if (vk.codehash != vkCodeHash) return false;
        bytes memory request = abi.encodeCall(
            IHalo2Verifier.verifyProof,
            (vk, halo2Proof, Statement.instances(prompt_, aigcData_, block.chainid, address(this), creator_))
        );
        address target = address(verifier);
        uint256 gasBefore = gasleft();
        bool answered;
        uint256 answer;
        // Memory safe: the answer is read into the scratch space 0x00..0x1f; `request` is only read. A target that answers with
        // more or less than one word has not answered, which covers a target without code.
        assembly ("memory-safe") {
            answered := staticcall(gas(), target, add(request, 0x20), mload(request), 0x00, 0x20)
            if and(answered, eq(returndatasize(), 0x20)) { answer := mload(0x00) }
        }
        // A call gets at most 63/64 of the gas; when no more than that last part is left after a failure, the failure was a lack
        // of gas and says nothing about the proof.
        if (!answered && gasleft() <= gasBefore / 63) revert InsufficientGas();
        return answered && answer == 1;
    }

    /// @dev Prompt, image and creator of a token that exists.
    function _record(uint256 tokenId_)
        private
        view
        returns (bytes memory prompt_, bytes memory data, address creator_)
    {
        _requireOwned(tokenId_);
        address pointer = _pointers[tokenId_];
        uint256 promptEnd = latentLength + 1;
        uint256 dataEnd = promptEnd + _aigcDataLength();
        prompt_ = SSTORE2.read(pointer, 0, promptEnd);
        data = SSTORE2.read(pointer, promptEnd, dataEnd);
        creator_ = address(bytes20(SSTORE2.read(pointer, dataEnd, dataEnd + Statement.CREATOR_BYTES)));
    }

    function _poseOf(uint256 tokenId_) private view returns (uint256) {
        (bytes memory prompt_,,) = _record(tokenId_);
        return uint8(prompt_[latentLength]);
    }
}
